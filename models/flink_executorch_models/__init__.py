"""Makes the models and the golden files of Flink ExecuTorch: training, export, and what the official runtime answers."""
