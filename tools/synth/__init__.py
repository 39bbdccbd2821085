"""GGUF files with the exact shape of real models and random weights. Start at `writer.write_model`."""
