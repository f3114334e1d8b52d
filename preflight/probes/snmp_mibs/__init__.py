"""What is asked of which maker's devices, and how the values are read. One small file each."""
