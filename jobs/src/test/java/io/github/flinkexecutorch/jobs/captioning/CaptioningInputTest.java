package io.github.flinkexecutorch.jobs.captioning;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.flinkexecutorch.jobs.captioning.CaptioningInput.Kind;
import io.github.flinkexecutorch.jobs.files.FileListing;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CaptioningInputTest {

  @ParameterizedTest
  @CsvSource({
    "/data/photos,                 IMAGES,     /data/photos,     ",
    "/data/photos/,                IMAGES,     /data/photos,     ",
    "/data/../photos,              IMAGES,     /photos,          ",
    "file:///data/photos,          IMAGES,     /data/photos,     ",
    "s3://bucket/photos/,          IMAGES,     s3://bucket/photos,",
    "/data/*.jpg,                  IMAGES,     /data,            *.jpg",
    "/data/20??/**/*.png,          IMAGES,     /data,            20??/**/*.png",
    "s3://bucket/a/{b}/*,          IMAGES,     s3://bucket/a,    {b}/*",
    "/data/list.jsonl,             JSON_LINES, /data,            list.jsonl",
    "/data/list.NDJSON,            JSON_LINES, /data,            list.NDJSON",
    "hdfs://host:8020/m/x.parquet, PARQUET,    hdfs://host:8020/m, x.parquet",
    "/data/out/*.parquet,          PARQUET,    /data/out,        *.parquet"
  })
  void shouldTellWhatAnInputIs(String given, Kind kind, String root, String glob) {
    CaptioningInput input = CaptioningInput.parse(given);

    assertThat(input.kind()).isEqualTo(kind);
    assertThat(input.files().root()).isEqualTo(root);
    assertThat(input.files().glob()).isEqualTo(glob);
  }

  @Test
  void shouldTakeFolderWhoseNameLooksLikeGlob(@TempDir Path folder) throws Exception {
    Path odd = Files.createDirectories(folder.resolve("photos [2020]"));

    CaptioningInput input = CaptioningInput.parse(odd.toString());

    assertThat(input.kind()).isEqualTo(Kind.IMAGES);
    assertThat(input.files().root()).isEqualTo(odd.toString());
    assertThat(input.files().glob()).isNull();
  }

  @Test
  void shouldTakeSingleImage(@TempDir Path folder) throws Exception {
    Path image = Files.createFile(folder.resolve("a[1].jpg"));
    Files.createFile(folder.resolve("a1.jpg"));

    assertThat(FileListing.of(CaptioningInput.parse(image.toString()).files()))
        .containsExactly("a[1].jpg");
  }

  @ParameterizedTest
  @CsvSource({
    "a.jpg, true",
    "a/b/c.JPEG, true",
    "a/b.webp, true",
    "a/b.heic, true",
    "a/b.txt, false",
    "a/jpg, false",
    "a.jpg/b, false"
  })
  void shouldKnowImagesOfFolderByName(String name, boolean wanted) {
    assertThat(CaptioningInput.parse("/data").files().filter().test(name)).isEqualTo(wanted);
  }

  @ParameterizedTest
  @CsvSource({
    "/d/*.jpg,    a.jpg,      true",
    "/d/*.jpg,    b/a.jpg,    false",
    "/d/**/*.jpg, a.jpg,      true",
    "/d/**/*.jpg, b/c/a.jpg,  true",
    "/d/**/*.jpg, b/c/a.png,  false",
    "/d/*/x.dat,  b/x.dat,    true"
  })
  void shouldMatchGlob(String glob, String name, boolean wanted) {
    assertThat(CaptioningInput.parse(glob).files().filter().test(name)).isEqualTo(wanted);
  }
}
