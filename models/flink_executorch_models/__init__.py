"""Makes the models and the golden files of Flink ExecuTorch: training, export, and official answers."""
