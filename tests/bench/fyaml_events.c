// The yardstick: libfyaml's parser over every YAML file under a directory, one thread, events counted and dropped.
#define _XOPEN_SOURCE 700
#include <ftw.h>
#include <libfyaml.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

static unsigned long events, bytes;

static int visit(const char *path, const struct stat *status, int kind, struct FTW *place) {
  (void)place;
  const char *end = strrchr(path, '.');
  if (kind != FTW_F || !end || strcmp(end, ".yaml") != 0) return 0;
  FILE *file = fopen(path, "rb");
  char *text = malloc((size_t)status->st_size + 1);
  if (!file || !text) return 1;
  const size_t size = fread(text, 1, (size_t)status->st_size, file);
  fclose(file);
  bytes += size;

  const struct fy_parse_cfg settings = {.search_path = "", .flags = FYPCF_QUIET};
  struct fy_parser *parser = fy_parser_create(&settings);
  if (!parser || fy_parser_set_string(parser, text, size) != 0) return 1;
  for (struct fy_event *event; (event = fy_parser_parse(parser)) != NULL; fy_parser_event_free(parser, event)) ++events;
  const int failed = fy_parser_get_stream_error(parser);
  fy_parser_destroy(parser);
  free(text);
  if (failed) fprintf(stderr, "%s: not read to its end\n", path);
  return failed;
}

int main(int count, char **arguments) {
  if (count != 2 || nftw(arguments[1], visit, 16, FTW_PHYS) != 0) return 2;
  printf("%lu bytes, %lu events\n", bytes, events);
  return 0;
}
