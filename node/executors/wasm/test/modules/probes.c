// What a hostile program tries. The first argument names the attempt. Those that must be refused end
// with 0 if they were, and else with the number of the first that was not; the others never end by
// themselves, and it is told how the host ends them.
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>
#include <wasi/api.h>

#define WILD ((uint8_t *)0xfffffff0u)
#define ALL ((1u << 28) - 1)
#define FILE_RIGHTS (ALL & 0x8e001ff)

enum { IN = 3, OUT = 4, SCRATCH = 5, TMP = 6, HERE = 7 };

static int is(const char *a, const char *b) { return strcmp(a, b) == 0; }

static int opens(int dir, const char *path) {
  __wasi_fd_t fd;
  return __wasi_path_open(dir, 0, path, 0, __WASI_RIGHTS_FD_READ, 0, 0, &fd) == 0;
}

static int make(int dir, const char *path) {
  __wasi_fd_t fd;
  return __wasi_path_open(dir, 0, path, __WASI_OFLAGS_CREAT, FILE_RIGHTS, 0, 0, &fd) ? -1 : (int)fd;
}

static int put(int fd, const void *bytes, size_t length) {
  __wasi_ciovec_t list = {bytes, length};
  __wasi_size_t written;
  return __wasi_fd_write(fd, &list, 1, &written);
}

/** Files of the host, by all the ways in which a path could leave the sandbox. */
static int host_files(void) {
  static const char *paths[] = {
    "/etc/passwd", "etc/passwd", "../etc/passwd", "../../../../../../etc/passwd", "./../etc/passwd",
    "x/../../etc/passwd", "//etc/passwd", "/proc/self/environ", "/proc/self/fd/0", "/dev/null",
    "..", "../", "/", "../out", "..//..", "C:\\Windows", "\\\\host\\share", "%2e%2e/etc/passwd",
    "file:///etc/passwd", "/in/../../etc/passwd", "~/.ssh/id_ed25519",
  };
  for (int fd = 0; fd < 64; fd++) {
    for (size_t i = 0; i < sizeof paths / sizeof *paths; i++) {
      if (opens(fd, paths[i])) return (int)i + 1;
    }
  }
  for (size_t i = 0; i < sizeof paths / sizeof *paths; i++) {
    int fd = open(paths[i], O_RDONLY);
    struct stat found;
    if (fd >= 0 && (fstat(fd, &found) || !S_ISDIR(found.st_mode))) return 100 + (int)i;
  }
  return 0;
}

/** Numbers that nobody gave: every one beyond those of the beginning. */
static int guess(void) {
  __wasi_fdstat_t stat;
  __wasi_prestat_t prestat;
  for (unsigned fd = 8; fd < 100000; fd++) {
    if (__wasi_fd_fdstat_get(fd, &stat) != __WASI_ERRNO_BADF) return 1;
    if (__wasi_fd_prestat_get(fd, &prestat) != __WASI_ERRNO_BADF) return 2;
    if (put(fd, "x", 1) != __WASI_ERRNO_BADF) return 3;
  }
  for (int shift = 17; shift < 32; shift++) {
    if (__wasi_fd_fdstat_get(1u << shift, &stat) != __WASI_ERRNO_BADF) return 4;
    if (__wasi_fd_close(-1u << shift) != __WASI_ERRNO_BADF) return 5;
    if (__wasi_fd_renumber(1, 1u << shift) != __WASI_ERRNO_BADF) return 6;
  }
  return 0;
}

/** Every call with a pointer that leads out of the memory, or begins in it and leads out. */
static int pointers(void) {
  uint8_t *end = (uint8_t *)(__builtin_wasm_memory_size(0) * 65536 - 1);
  uint8_t *wild[] = {WILD, end};
  for (int i = 0; i < 2; i++) {
    uint8_t *p = wild[i];
    __wasi_iovec_t into = {p, 64};
    __wasi_ciovec_t from = {p, 64};
    __wasi_size_t n;
    char name[8];
    int fd = make(OUT, "file");
    if (put(fd, "0123456789", 10) != 0) return 1;
    int failed[] = {
      __wasi_args_get((uint8_t **)p, p), __wasi_args_sizes_get((void *)p, (void *)p),
      __wasi_environ_sizes_get((void *)p, &n), __wasi_clock_time_get(0, 0, (void *)p),
      __wasi_clock_res_get(0, (void *)p), __wasi_fd_fdstat_get(fd, (void *)p),
      __wasi_fd_filestat_get(fd, (void *)p), __wasi_fd_prestat_get(3, (void *)p),
      __wasi_fd_prestat_dir_name(3, p, 64), __wasi_fd_read(fd, &into, 1, &n),
      __wasi_fd_read(fd, (void *)p, 1, &n), __wasi_fd_read(fd, &into, 0, (void *)p),
      __wasi_fd_pread(fd, &into, 1, 0, &n), __wasi_fd_write(fd, &from, 1, &n),
      __wasi_fd_write(fd, (void *)p, 1, &n), __wasi_fd_write(1, &from, 1, &n),
      __wasi_fd_pwrite(fd, &from, 1, 0, &n), __wasi_fd_readdir(OUT, p, 64, 0, &n),
      __wasi_fd_readdir(OUT, (uint8_t *)name, 8, 0, (void *)p),
      __wasi_fd_seek(fd, 0, 0, (void *)p), __wasi_fd_tell(fd, (void *)p),
      __wasi_path_open(OUT, 0, "file", 0, 0, 0, 0, (void *)p),
      __wasi_path_filestat_get(OUT, 0, "file", (void *)p), __wasi_poll_oneoff((void *)p, (void *)p, 1, &n),
      __wasi_poll_oneoff((void *)name, (void *)p, 1, &n), __wasi_random_get(p, 64),
    };
    for (size_t j = 0; j < sizeof failed / sizeof *failed; j++) {
      if (failed[j] != __WASI_ERRNO_FAULT) return 100 + (int)j;
    }
    // What failed has changed nothing.
    struct stat found;
    if (stat("/out/file", &found) || found.st_size != 10) return 2;
    close(fd);
    unlink("/out/file");
  }
  return 0;
}

/** A path whose length is a lie, and names that are none. */
static int __attribute__((noinline)) raw_open(int fd, const char *path, uint32_t length);
__attribute__((import_module("wasi_snapshot_preview1"), import_name("path_open")))
int imported_path_open(int, int, const char *, int, int, int64_t, int64_t, int, void *);
static int raw_open(int fd, const char *path, uint32_t length) {
  __wasi_fd_t opened;
  return imported_path_open(fd, 0, path, length, __WASI_OFLAGS_CREAT, FILE_RIGHTS, 0, 0, &opened);
}

static int names(void) {
  static char longest[2000];
  memset(longest, 'a', sizeof longest);
  if (raw_open(OUT, longest, 1025) != __WASI_ERRNO_NAMETOOLONG) return 1;
  if (raw_open(OUT, longest, 0xffffffff) != __WASI_ERRNO_NAMETOOLONG) return 2;
  if (raw_open(OUT, (char *)WILD, 1024) != __WASI_ERRNO_FAULT) return 3;
  if (raw_open(OUT, longest, 256) != __WASI_ERRNO_NAMETOOLONG) return 4;
  if (raw_open(OUT, longest, 255) != 0) return 5;
  if (raw_open(OUT, "a\0b", 3) != __WASI_ERRNO_ILSEQ) return 6;
  if (raw_open(OUT, "__proto__", 9) != 0 || raw_open(OUT, "constructor", 11) != 0) return 7;
  if (raw_open(OUT, "a\nb", 3) != __WASI_ERRNO_ILSEQ || raw_open(OUT, "a:b", 3) != __WASI_ERRNO_ILSEQ) return 8;
  if (raw_open(OUT, "CON ", 4) != __WASI_ERRNO_ILSEQ || raw_open(OUT, "...", 3) != __WASI_ERRNO_ILSEQ) return 9;
  return 0;
}

static int links(void) {
  if (__wasi_path_symlink("/etc/passwd", OUT, "link") != __WASI_ERRNO_NOTSUP) return 1;
  if (__wasi_path_symlink("../in", OUT, "link") != __WASI_ERRNO_NOTSUP) return 2;
  if (__wasi_path_link(HERE, 0, "in", OUT, "link") != __WASI_ERRNO_NOTSUP) return 3;
  return opens(OUT, "link") ? 4 : 0;
}

static int descriptors(void) {
  char name[16];
  for (int i = 8; i < 64; i++) {
    snprintf(name, sizeof name, "%d", i);
    if (make(OUT, name) != i) return 1;
  }
  __wasi_fd_t fd;
  if (__wasi_path_open(OUT, 0, "8", 0, 0, 0, 0, &fd) != __WASI_ERRNO_MFILE) return 2;
  // A file that could not be opened was not made either.
  if (make(OUT, "new") != -1 || access("/out/new", F_OK) == 0) return 3;
  return 0;
}

static int depth(void) {
  char path[200] = "";
  for (int i = 1; i < 32; i++) {
    strcat(path, i == 1 ? "d" : "/d");
    if (__wasi_path_create_directory(OUT, path) != 0) return 1;
  }
  strcat(path, "/d");
  if (__wasi_path_create_directory(OUT, path) != __WASI_ERRNO_NAMETOOLONG) return 2;
  // Nor by moving what is deep below something that is deep.
  if (__wasi_path_create_directory(TMP, "e") != 0) return 3;
  if (__wasi_path_rename(OUT, "d", TMP, "e/d") != __WASI_ERRNO_NAMETOOLONG) return 4;
  return 0;
}

static int lists(int whole) {
  static __wasi_ciovec_t all[1025];
  size_t size = __builtin_wasm_memory_size(0) * 65536;
  __wasi_size_t n;
  for (int i = 0; i < 1025; i++) all[i] = (__wasi_ciovec_t){NULL, size};
  int fd = make(OUT, "file");
  if (__wasi_fd_write(fd, all, 1025, &n) != __WASI_ERRNO_INVAL) return 1;
  if (__wasi_fd_write(fd, all, 0xffffffff, &n) != __WASI_ERRNO_INVAL) return 2;
  if (!whole) return 0;
  __wasi_fd_write(fd, all, 1024, &n);
  return 3;
}

/** What a process can learn about where it is: nothing that differs between two. */
static int surroundings(int argc, char **argv) {
  extern char **environ;
  for (int i = 0; i < argc; i++) printf("argument %s\n", argv[i]);
  for (char **each = environ; *each; each++) printf("variable %s\n", *each);
  for (int id = 0; id < 4; id++) {
    __wasi_timestamp_t now;
    if (__wasi_clock_time_get(id, 0, &now) != 0) return 1;
    printf("clock %d %llu\n", id, now);
  }
  unsigned char bytes[32];
  getentropy(bytes, sizeof bytes);
  for (int i = 0; i < 32; i++) printf("%02x", bytes[i]);
  for (int fd = 0; fd < 8; fd++) {
    struct stat found;
    if (fstat(fd, &found) == 0) {
      printf("\nfd %d: %llu %llu %o %lld %lld", fd, found.st_dev, found.st_ino, found.st_mode,
        (long long)found.st_mtime, (long long)found.st_size);
    }
  }
  printf("\nmemory %zu\n", __builtin_wasm_memory_size(0));
  return 0;
}

static int grow(void) {
  int pages = 0;
  while (__builtin_wasm_memory_grow(0, 1) != (size_t)-1) {
    pages = __builtin_wasm_memory_size(0);
    ((volatile char *)(pages * 65536))[-1] = 1;
  }
  printf("%d\n", pages);
  return 0;
}

static int (*volatile next)(int);
static int recurse(int n) { return next(n + 1) * 3 + n; }

static void flood(int fd, size_t length) {
  static char bytes[65536];
  for (;;) put(fd, bytes, length);
}

static void many_files(void) {
  char name[16];
  for (int i = 0;; i++) {
    snprintf(name, sizeof name, "%d", i);
    close(make(OUT, name));
  }
}

static void many_directories(void) {
  char name[16];
  for (int i = 0;; i++) {
    snprintf(name, sizeof name, "%d", i);
    __wasi_path_create_directory(OUT, name);
  }
}

/** Files that are open and have no name any more. */
static void unlinked(void) {
  static char bytes[65536];
  for (int i = 0; i < 50; i++) {
    int fd = make(OUT, "file");
    put(fd, bytes, sizeof bytes);
    unlink("/out/file");
  }
}

/** Bytes of a file that are gone count no more, and are held no more. */
static int again(void) {
  static char bytes[65536];
  for (int i = 0; i < 1000; i++) {
    int fd = make(OUT, "file");
    for (int j = 0; j < 10; j++) put(fd, bytes, sizeof bytes);
    if (i % 2) ftruncate(fd, 0);
    close(fd);
    if (i % 3) unlink("/out/file");
  }
  return 0;
}

/** Room that was given back, in as many files as there may be. */
static int shrink(void) {
  char name[16];
  for (int i = 0; i < 2000; i++) {
    snprintf(name, sizeof name, "%d", i);
    int fd = make(OUT, name);
    if (ftruncate(fd, 900000) || ftruncate(fd, 1)) return 1;
    close(fd);
  }
  return 0;
}

static void sparse(void) { ftruncate(make(OUT, "file"), 8ll << 30); }

static void far(void) {
  __wasi_size_t n;
  __wasi_ciovec_t one = {(uint8_t *)"x", 1};
  __wasi_fd_pwrite(make(OUT, "file"), &one, 1, 8ll << 30, &n);
}

static void allocate(void) { __wasi_fd_allocate(make(OUT, "file"), 0, 8ll << 30); }

static int sleep_for_ever(void) {
  __wasi_subscription_t in = {.u.tag = __WASI_EVENTTYPE_CLOCK};
  __wasi_event_t out;
  __wasi_size_t n;
  in.u.u.clock.timeout = UINT64_MAX;
  for (int i = 0; i < 10; i++) {
    if (__wasi_poll_oneoff(&in, &out, 1, &n) != 0 || n != 1) return 1;
  }
  in.u.u.clock.flags = __WASI_SUBCLOCKFLAGS_SUBSCRIPTION_CLOCK_ABSTIME;
  return __wasi_poll_oneoff(&in, &out, 1, &n) != 0 || n != 1;
}

static int small_writes(int count) {
  int fd = make(OUT, "file");
  for (int i = 0; i < count; i++) put(fd, "x", 1);
  return 0;
}

int main(int argc, char **argv) {
  const char *what = argc > 1 ? argv[1] : "";
  if (is(what, "host-files")) return host_files();
  if (is(what, "guess")) return guess();
  if (is(what, "pointers")) return pointers();
  if (is(what, "names")) return names();
  if (is(what, "links")) return links();
  if (is(what, "descriptors")) return descriptors();
  if (is(what, "depth")) return depth();
  if (is(what, "lists")) return lists(0);
  if (is(what, "whole-memory")) return lists(1);
  if (is(what, "surroundings")) return surroundings(argc, argv);
  if (is(what, "grow")) return grow();
  if (is(what, "recurse")) {
    next = recurse;
    return recurse(0);
  }
  if (is(what, "flood-out")) flood(make(OUT, "file"), 65536);
  if (is(what, "flood-stdout")) flood(1, 65536);
  if (is(what, "flood-scratch")) flood(make(SCRATCH, "file"), 65536);
  if (is(what, "many-files")) many_files();
  if (is(what, "many-directories")) many_directories();
  if (is(what, "unlinked")) unlinked();
  if (is(what, "again")) return again();
  if (is(what, "shrink")) return shrink();
  if (is(what, "sparse")) sparse();
  if (is(what, "far")) far();
  if (is(what, "allocate")) allocate();
  if (is(what, "sleep-for-ever")) return sleep_for_ever();
  if (is(what, "sleep-loop")) for (;;) sleep(1000);
  if (is(what, "loop")) for (;;) __asm__ volatile("");
  if (is(what, "yield")) for (;;) __wasi_sched_yield();
  if (is(what, "random")) {
    static char bytes[1 << 20];
    for (;;) __wasi_random_get((uint8_t *)bytes, sizeof bytes);
  }
  if (is(what, "small-writes")) return small_writes(argc > 2 ? atoi(argv[2]) : 0);
  if (is(what, "trap")) __builtin_trap();
  if (is(what, "exit")) exit(argc > 2 ? atoi(argv[2]) : 0);
  if (is(what, "abort")) abort();
  if (is(what, "write")) {
    int fd = open(argv[2], O_CREAT | O_WRONLY | O_APPEND);
    return fd < 0 || put(fd, argv[3], strlen(argv[3]));
  }
  if (is(what, "copy")) {
    static char bytes[65536];
    for (ssize_t n; (n = read(0, bytes, sizeof bytes)) > 0;) put(1, bytes, n);
    return 0;
  }
  return 99;
}
