"""Starting a process that can be killed, talking with it in lines, and learning of its end."""
