"""Programs of this project as forks of one process that has imported torch already, which takes seconds."""
