"""The sample text model: customer messages in, a JSON record of the support ticket out."""
