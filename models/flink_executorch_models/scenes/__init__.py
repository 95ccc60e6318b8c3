"""The sample model for images: a drawn scene in, a caption out."""
