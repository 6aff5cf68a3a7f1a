"""The worker process: its command loop, its answers, its way out, its pace."""
