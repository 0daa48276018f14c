"""The command line: ``fangkong <command>``. Each command is a module of its own; none holds rules."""
