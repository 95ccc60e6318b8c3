package io.github.flinkexecutorch.llm.image;

import java.util.List;

/**
 * An image split for an encoder of a fixed size.
 *
 * @param rows rows of tiles; 0 if the image was not split
 * @param columns tiles of a row
 * @param images the tiles row by row, and last the whole image at the size of one tile
 */
public record ImageTiles(int rows, int columns, List<Image> images) {
  public ImageTiles {
    images = List.copyOf(images);
  }
}
