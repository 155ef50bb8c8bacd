// Options of a program: `--name number`, each with what it is if left out. What is not known is
// refused: a misspelled option would cost a night.
#ifndef OPTIONS_H
#define OPTIONS_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct option {
  const char *name;
  double value;
};

static inline void read_options(int argc, char **argv, struct option *options, int count) {
  for (int i = 1; i < argc; i += 2) {
    struct option *found = NULL;
    for (int k = 0; k < count; k++)
      if (strcmp(argv[i], options[k].name) == 0) found = &options[k];
    char *end = NULL;
    if (found != NULL && i + 1 < argc) found->value = strtod(argv[i + 1], &end);
    if (end == NULL || end == argv[i + 1] || *end != '\0') {
      fprintf(stderr, "wrong option %s; there are:", argv[i]);
      for (int k = 0; k < count; k++) fprintf(stderr, " %s %g", options[k].name, options[k].value);
      fputc('\n', stderr);
      exit(2);
    }
  }
}

// Ends the program, which the unit then shows as its exit code: a wrong number is no result.
static inline void need(int holds, const char *what) {
  if (holds) return;
  fprintf(stderr, "needs %s\n", what);
  exit(2);
}

#endif
