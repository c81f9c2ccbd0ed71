"""One plain function for each thing that one can ask of the sandbox."""
