// What WASI preview 1 says a host does, a case for each of those of the public wasi-testsuite, in
// our own words. The first argument names the case; it ends with 0, or with the line that failed.
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <wasi/api.h>

#define CHECK(holds) \
  if (!(holds)) { \
    return __LINE__; \
  }
#define OK(call) CHECK((call) == 0)
#define ALL_FILE (__WASI_RIGHTS_FD_WRITE * 2 - 1 | __WASI_RIGHTS_FD_ADVISE | __WASI_RIGHTS_FD_ALLOCATE \
  | __WASI_RIGHTS_FD_FILESTAT_GET | __WASI_RIGHTS_FD_FILESTAT_SET_SIZE | __WASI_RIGHTS_FD_FILESTAT_SET_TIMES)
#define ALL ((1u << 28) - 1)
#define ALL_DIR (ALL & ~__WASI_RIGHTS_FD_WRITE)

enum { IN = 3, OUT = 4, SCRATCH = 5, TMP = 6, HERE = 7 };

static int make(int dir, const char *path) {
  __wasi_fd_t fd;
  if (__wasi_path_open(dir, 0, path, __WASI_OFLAGS_CREAT, ALL_FILE, 0, 0, &fd)) return -1;
  return fd;
}

static bool touch(int dir, const char *path) {
  int fd = make(dir, path);
  return fd >= 0 && __wasi_fd_close(fd) == 0;
}

static int open_as(int dir, const char *path, int oflags, __wasi_rights_t rights) {
  __wasi_fd_t fd;
  int failed = __wasi_path_open(dir, 0, path, oflags, rights, ALL, 0, &fd);
  return failed ? -failed : (int)fd;
}

static int put(int fd, const void *bytes, size_t length) {
  __wasi_ciovec_t list = {bytes, length};
  __wasi_size_t written = 0;
  int failed = __wasi_fd_write(fd, &list, 1, &written);
  return failed ? -failed : (int)written;
}

static int get(int fd, void *bytes, size_t length) {
  __wasi_iovec_t list = {bytes, length};
  __wasi_size_t read = 0;
  int failed = __wasi_fd_read(fd, &list, 1, &read);
  return failed ? -failed : (int)read;
}

static long long size_of(int fd) {
  __wasi_filestat_t stat;
  return __wasi_fd_filestat_get(fd, &stat) ? -1 : (long long)stat.size;
}

static int args(int argc, char **argv) {
  CHECK(argc == 4);
  CHECK(strcmp(argv[0], "program") == 0 && strcmp(argv[2], "two words") == 0);
  CHECK(strcmp(argv[3], "") == 0);
  return 0;
}

static int environment(void) {
  CHECK(strcmp(getenv("A"), "1") == 0 && strcmp(getenv("EMPTY"), "") == 0);
  __wasi_size_t count, bytes;
  OK(__wasi_environ_sizes_get(&count, &bytes));
  CHECK(count == 2 && bytes == strlen("A=1") + strlen("EMPTY=") + 2);
  CHECK(getenv("PATH") == NULL && getenv("NODE_CHANNEL_FD") == NULL);
  return 0;
}

static int clocks(void) {
  __wasi_timestamp_t a, b;
  for (int id = 0; id < 4; id++) {
    OK(__wasi_clock_res_get(id, &a));
    CHECK(a > 0);
    OK(__wasi_clock_time_get(id, 1, &a));
    OK(__wasi_clock_time_get(id, 1, &b));
    CHECK(b > a);
  }
  CHECK(__wasi_clock_time_get(4, 1, &a) == __WASI_ERRNO_INVAL);
  CHECK(__wasi_clock_res_get(4, &a) == __WASI_ERRNO_INVAL);
  OK(__wasi_clock_time_get(0, 1, &a));
  CHECK(a / 1000000000 == 1700000000);
  return 0;
}

static int poll_clock(void) {
  __wasi_timestamp_t before, after;
  __wasi_subscription_t in[2] = {{.userdata = 7}, {.userdata = 8}};
  in[0].u.tag = in[1].u.tag = __WASI_EVENTTYPE_CLOCK;
  in[0].u.u.clock.id = in[1].u.u.clock.id = __WASI_CLOCKID_MONOTONIC;
  in[0].u.u.clock.timeout = 3600000000000ull;
  in[1].u.u.clock.timeout = 7200000000000ull;
  __wasi_event_t out[2];
  __wasi_size_t count;
  OK(__wasi_clock_time_get(__WASI_CLOCKID_MONOTONIC, 1, &before));
  OK(__wasi_poll_oneoff(in, out, 2, &count));
  OK(__wasi_clock_time_get(__WASI_CLOCKID_MONOTONIC, 1, &after));
  CHECK(count == 1 && out[0].userdata == 7 && out[0].error == 0);
  CHECK(after - before >= 3600000000000ull && after - before < 3700000000000ull);
  CHECK(__wasi_poll_oneoff(in, out, 0, &count) == __WASI_ERRNO_INVAL);
  in[0].u.u.clock.flags = __WASI_SUBCLOCKFLAGS_SUBSCRIPTION_CLOCK_ABSTIME;
  in[0].u.u.clock.timeout = after + 1000000000;
  OK(__wasi_poll_oneoff(in, out, 1, &count));
  OK(__wasi_clock_time_get(__WASI_CLOCKID_MONOTONIC, 1, &before));
  CHECK(before - after >= 1000000000 && before - after < 1100000000);
  return 0;
}

static int poll_stdio(void) {
  __wasi_subscription_t in[4] = {{.userdata = 1}, {.userdata = 2}, {.userdata = 3}, {.userdata = 4}};
  in[0].u.tag = __WASI_EVENTTYPE_FD_READ;
  in[1].u.tag = in[3].u.tag = __WASI_EVENTTYPE_FD_WRITE;
  in[1].u.u.fd_write.file_descriptor = 1;
  in[3].u.u.fd_write.file_descriptor = 50;
  in[2].u.tag = __WASI_EVENTTYPE_CLOCK;
  in[2].u.u.clock.id = __WASI_CLOCKID_MONOTONIC;
  in[2].u.u.clock.timeout = 1000000000000ull;
  __wasi_event_t out[4];
  __wasi_size_t count;
  OK(__wasi_poll_oneoff(in, out, 4, &count));
  CHECK(count == 3);
  CHECK(out[0].userdata == 1 && out[0].error == 0 && out[1].userdata == 2 && out[1].error == 0);
  CHECK(out[2].userdata == 4 && out[2].error == __WASI_ERRNO_BADF);
  return 0;
}

static int chance(void) {
  unsigned char a[64] = {0}, b[64] = {0}, none[64] = {0};
  OK(__wasi_random_get(a, 0));
  CHECK(memcmp(a, none, 64) == 0);
  OK(__wasi_random_get(a, 64));
  OK(__wasi_random_get(b, 64));
  CHECK(memcmp(a, none, 64) != 0 && memcmp(a, b, 64) != 0);
  static unsigned char large[100000];
  OK(__wasi_random_get(large, sizeof large));
  int zeros = 0;
  for (size_t i = 0; i < sizeof large; i++) zeros += large[i] == 0;
  CHECK(zeros > 200 && zeros < 600);
  return 0;
}

static int preopens(void) {
  const char *names[] = {"/in", "/out", "/scratch", "/tmp", "."};
  for (int fd = 3; fd < 8; fd++) {
    __wasi_prestat_t prestat;
    char name[16] = {0};
    OK(__wasi_fd_prestat_get(fd, &prestat));
    CHECK(prestat.tag == __WASI_PREOPENTYPE_DIR && prestat.u.dir.pr_name_len == strlen(names[fd - 3]));
    CHECK(__wasi_fd_prestat_dir_name(fd, (uint8_t *)name, 0) == __WASI_ERRNO_NAMETOOLONG);
    OK(__wasi_fd_prestat_dir_name(fd, (uint8_t *)name, sizeof name));
    CHECK(strcmp(name, names[fd - 3]) == 0);
  }
  __wasi_prestat_t prestat;
  CHECK(__wasi_fd_prestat_get(8, &prestat) == __WASI_ERRNO_BADF);
  CHECK(__wasi_fd_prestat_get(0, &prestat) == __WASI_ERRNO_BADF);
  __wasi_fdstat_t stat;
  OK(__wasi_fd_fdstat_get(OUT, &stat));
  int fd = open_as(OUT, ".", 0, stat.fs_rights_base);
  CHECK(fd == 8);
  CHECK(open_as(OUT, ".", __WASI_OFLAGS_DIRECTORY, 0) > 0);
  CHECK(open_as(OUT, ".", __WASI_OFLAGS_DIRECTORY, __WASI_RIGHTS_FD_READ) > 0);
  int both = __WASI_RIGHTS_FD_READ | __WASI_RIGHTS_FD_WRITE;
  CHECK(open_as(OUT, ".", __WASI_OFLAGS_DIRECTORY, both) == -__WASI_ERRNO_ISDIR);
  return 0;
}

static int close_preopen(void) {
  __wasi_fdstat_t stat;
  OK(__wasi_fd_close(IN));
  OK(__wasi_fd_fdstat_get(OUT, &stat));
  CHECK(stat.fs_filetype == __WASI_FILETYPE_DIRECTORY);
  CHECK(__wasi_fd_fdstat_get(IN, &stat) == __WASI_ERRNO_BADF);
  CHECK(__wasi_fd_close(IN) == __WASI_ERRNO_BADF);
  return 0;
}

static int renumber(void) {
  __wasi_fdstat_t stat;
  __wasi_filestat_t a, b;
  int from = make(SCRATCH, "a"), to = make(SCRATCH, "b");
  CHECK(from == 8 && to == 9);
  OK(__wasi_fd_filestat_get(from, &a));
  OK(__wasi_fd_renumber(from, to));
  CHECK(__wasi_fd_close(from) == __WASI_ERRNO_BADF);
  OK(__wasi_fd_filestat_get(to, &b));
  CHECK(a.ino == b.ino && a.dev == b.dev);
  CHECK(__wasi_fd_renumber(to, from) == __WASI_ERRNO_BADF);
  CHECK(__wasi_fd_renumber(from, to) == __WASI_ERRNO_BADF);
  OK(__wasi_fd_renumber(to, to));
  OK(__wasi_fd_renumber(to, IN));
  OK(__wasi_fd_fdstat_get(IN, &stat));
  CHECK(stat.fs_filetype == __WASI_FILETYPE_REGULAR_FILE);
  OK(__wasi_fd_renumber(0, OUT));
  CHECK(__wasi_fd_fdstat_get(0, &stat) == __WASI_ERRNO_BADF);
  return 0;
}

static int dangling(void) {
  int fd = make(SCRATCH, "file");
  CHECK(put(fd, "abc", 3) == 3);
  OK(__wasi_path_unlink_file(SCRATCH, "file"));
  CHECK(size_of(fd) == 3);
  CHECK(touch(SCRATCH, "file"));
  OK(__wasi_fd_close(fd));
  OK(__wasi_path_unlink_file(SCRATCH, "file"));
  OK(__wasi_path_create_directory(SCRATCH, "dir"));
  int dir = open_as(SCRATCH, "dir", __WASI_OFLAGS_DIRECTORY, ALL_DIR);
  CHECK(dir > 0);
  OK(__wasi_path_remove_directory(SCRATCH, "dir"));
  CHECK(make(dir, "x") == -1);
  CHECK(__wasi_path_create_directory(dir, "x") == __WASI_ERRNO_NOENT);
  OK(__wasi_path_create_directory(SCRATCH, "dir"));
  return 0;
}

static int directory_calls(void) {
  char bytes[16];
  __wasi_iovec_t list = {(uint8_t *)bytes, sizeof bytes};
  __wasi_ciovec_t from = {(uint8_t *)bytes, sizeof bytes};
  __wasi_size_t n;
  __wasi_filesize_t at;
  int fd = open_as(OUT, ".", __WASI_OFLAGS_DIRECTORY, __WASI_RIGHTS_FD_SEEK | __WASI_RIGHTS_FD_READ);
  CHECK(fd > 0);
  CHECK(__wasi_fd_read(fd, &list, 1, &n) == __WASI_ERRNO_NOTCAPABLE);
  CHECK(__wasi_fd_pread(fd, &list, 1, 0, &n) == __WASI_ERRNO_NOTCAPABLE);
  CHECK(__wasi_fd_write(fd, &from, 1, &n) == __WASI_ERRNO_NOTCAPABLE);
  CHECK(__wasi_fd_pwrite(fd, &from, 1, 0, &n) == __WASI_ERRNO_NOTCAPABLE);
  CHECK(__wasi_fd_seek(fd, 0, __WASI_WHENCE_CUR, &at) == __WASI_ERRNO_NOTCAPABLE);
  CHECK(__wasi_fd_tell(fd, &at) == __WASI_ERRNO_NOTCAPABLE);
  CHECK(__wasi_fd_allocate(fd, 0, 1) == __WASI_ERRNO_NOTCAPABLE);
  CHECK(__wasi_fd_filestat_set_size(fd, 0) == __WASI_ERRNO_NOTCAPABLE);
  __wasi_fdstat_t stat;
  OK(__wasi_fd_fdstat_get(fd, &stat));
  CHECK((stat.fs_rights_base & __WASI_RIGHTS_FD_SEEK) == 0);
  return 0;
}

static int advise_and_allocate(void) {
  int fd = make(OUT, "file");
  OK(__wasi_fd_filestat_set_size(fd, 100));
  OK(__wasi_fd_advise(fd, 10, 50, __WASI_ADVICE_NORMAL));
  CHECK(__wasi_fd_advise(fd, 10, 50, 9) == __WASI_ERRNO_INVAL);
  CHECK(size_of(fd) == 100);
  OK(__wasi_fd_allocate(fd, 10, 10));
  CHECK(size_of(fd) == 100);
  OK(__wasi_fd_allocate(fd, 90, 20));
  CHECK(size_of(fd) == 110);
  CHECK(__wasi_fd_allocate(fd, 0, 0) == __WASI_ERRNO_INVAL);
  CHECK(__wasi_fd_filestat_set_size(fd, UINT64_MAX) == __WASI_ERRNO_FBIG);
  OK(__wasi_fd_sync(fd));
  OK(__wasi_fd_datasync(fd));
  return 0;
}

static int times(void) {
  int fd = make(OUT, "file");
  __wasi_filestat_t stat;
  OK(__wasi_fd_filestat_get(fd, &stat));
  CHECK(stat.mtim == 0 && stat.atim == 0 && stat.ctim == 0 && stat.nlink == 1);
  OK(__wasi_fd_filestat_set_times(fd, 5, 6, __WASI_FSTFLAGS_MTIM));
  OK(__wasi_fd_filestat_get(fd, &stat));
  CHECK(stat.mtim == 6 && stat.atim == 0);
  OK(__wasi_path_filestat_set_times(OUT, 0, "file", 5, 6, __WASI_FSTFLAGS_ATIM));
  OK(__wasi_path_filestat_get(OUT, 0, "file", &stat));
  CHECK(stat.atim == 5);
  int twice = __WASI_FSTFLAGS_MTIM | __WASI_FSTFLAGS_MTIM_NOW;
  CHECK(__wasi_path_filestat_set_times(OUT, 0, "file", 0, 0, twice) == __WASI_ERRNO_INVAL);
  twice = __WASI_FSTFLAGS_ATIM | __WASI_FSTFLAGS_ATIM_NOW;
  CHECK(__wasi_fd_filestat_set_times(fd, 0, 0, twice) == __WASI_ERRNO_INVAL);
  OK(__wasi_fd_filestat_set_times(fd, 0, 0, __WASI_FSTFLAGS_MTIM_NOW));
  OK(__wasi_fd_filestat_get(fd, &stat));
  CHECK(stat.mtim / 1000000000 == 1700000000 && stat.atim == 5);
  return 0;
}

static int appending(void) {
  __wasi_fd_t fd;
  __wasi_fdstat_t stat;
  __wasi_filesize_t at;
  char bytes[8];
  OK(__wasi_path_open(OUT, 0, "file", __WASI_OFLAGS_CREAT, ALL_FILE, 0, __WASI_FDFLAGS_APPEND, &fd));
  OK(__wasi_fd_fdstat_get(fd, &stat));
  CHECK(stat.fs_flags == __WASI_FDFLAGS_APPEND);
  CHECK(put(fd, "one", 3) == 3);
  OK(__wasi_fd_seek(fd, 0, __WASI_WHENCE_SET, &at));
  CHECK(put(fd, "two", 3) == 3);
  CHECK(size_of(fd) == 6);
  OK(__wasi_fd_fdstat_set_flags(fd, 0));
  OK(__wasi_fd_seek(fd, 0, __WASI_WHENCE_SET, &at));
  CHECK(put(fd, "X", 1) == 1);
  OK(__wasi_fd_seek(fd, 0, __WASI_WHENCE_SET, &at));
  CHECK(get(fd, bytes, 8) == 6 && memcmp(bytes, "Xnetwo", 6) == 0);
  CHECK(__wasi_fd_fdstat_set_flags(fd, 64) == __WASI_ERRNO_INVAL);
  return 0;
}

struct Listing {
  int count;
  char names[200][16];
  __wasi_dircookie_t next[200];
  __wasi_inode_t inodes[200];
};

/** Lists a directory from a cookie on with a buffer of some bytes, until it ends. */
static int list(int fd, __wasi_dircookie_t from, size_t bytes, struct Listing *into) {
  char buffer[4096];
  into->count = 0;
  for (;;) {
    __wasi_size_t used;
    OK(__wasi_fd_readdir(fd, (uint8_t *)buffer, bytes, from, &used));
    size_t at = 0;
    while (at + sizeof(__wasi_dirent_t) <= used) {
      __wasi_dirent_t entry;
      memcpy(&entry, buffer + at, sizeof entry);
      at += sizeof entry;
      if (at + entry.d_namlen > used) break;
      CHECK(entry.d_namlen < 16 && into->count < 200);
      memcpy(into->names[into->count], buffer + at, entry.d_namlen);
      into->names[into->count][entry.d_namlen] = 0;
      into->inodes[into->count] = entry.d_ino;
      from = into->next[into->count++] = entry.d_next;
      at += entry.d_namlen;
    }
    if (used < bytes) return 0;
  }
}

static int readdir(void) {
  static struct Listing listing;
  OK(__wasi_path_create_directory(OUT, "dir"));
  int dir = open_as(OUT, "dir", __WASI_OFLAGS_DIRECTORY, ALL_DIR);
  OK(list(dir, 0, 256, &listing));
  CHECK(listing.count == 2 && strcmp(listing.names[0], ".") == 0 && strcmp(listing.names[1], "..") == 0);
  __wasi_filestat_t stat;
  OK(__wasi_fd_filestat_get(dir, &stat));
  CHECK(stat.ino == listing.inodes[0]);
  CHECK(touch(dir, "z") && touch(dir, "a") && touch(dir, "m"));
  OK(list(dir, 0, 256, &listing));
  CHECK(listing.count == 5 && strcmp(listing.names[2], "a") == 0 && strcmp(listing.names[3], "m") == 0);
  OK(__wasi_path_filestat_get(dir, 0, "z", &stat));
  CHECK(stat.ino == listing.inodes[4] && strcmp(listing.names[4], "z") == 0);
  OK(list(dir, listing.next[3], 256, &listing));
  CHECK(listing.count == 1 && strcmp(listing.names[0], "z") == 0);
  char name[16];
  for (int i = 0; i < 100; i++) {
    snprintf(name, sizeof name, "file.%d", i);
    CHECK(touch(dir, name));
  }
  OK(list(dir, 0, 256, &listing));
  CHECK(listing.count == 105);
  // What is removed while it is being listed makes nothing else be missed.
  OK(list(dir, 0, 64, &listing));
  for (int i = 2; i < 50; i++) OK(__wasi_path_unlink_file(dir, listing.names[i]));
  OK(list(dir, listing.next[49], 256, &listing));
  CHECK(listing.count == 55);
  return 0;
}

static int paths(void) {
  OK(__wasi_path_create_directory(OUT, "dir"));
  OK(__wasi_path_create_directory(OUT, "dir/nested"));
  CHECK(touch(OUT, "dir/nested/file"));
  CHECK(open_as(OUT, "/dir/nested/file", 0, 0) == -__WASI_ERRNO_PERM);
  CHECK(open_as(OUT, "dir/.//nested/../../dir/nested/../nested///./file", 0, 0) > 0);
  __wasi_fd_t fd;
  CHECK(open_as(OUT, "dir/nested/file/", 0, 0) == -__WASI_ERRNO_NOTDIR);
  CHECK(open_as(OUT, "dir/nested/file///", 0, 0) == -__WASI_ERRNO_NOTDIR);
  CHECK(open_as(OUT, "dir/nested/file/.", 0, 0) == -__WASI_ERRNO_NOTDIR);
  CHECK(open_as(OUT, "dir/nested/", 0, 0) > 0);
  CHECK(open_as(OUT, "dir/nested///", 0, 0) > 0);
  CHECK(open_as(OUT, "dir/nested/../../../out/dir/nested/file", 0, 0) == -__WASI_ERRNO_PERM);
  CHECK(open_as(OUT, "", 0, 0) == -__WASI_ERRNO_NOENT);
  CHECK(open_as(OUT, "dir\x01", 0, 0) == -__WASI_ERRNO_ILSEQ);
  CHECK(open_as(OUT, "d\xc3\xa4r", 0, 0) == -__WASI_ERRNO_ILSEQ);
  CHECK(open_as(OUT, "no/../dir", 0, 0) == -__WASI_ERRNO_NOENT);
  CHECK(open_as(OUT, "dir/no", 0, 0) == -__WASI_ERRNO_NOENT);
  CHECK(open_as(OUT, "dir/nested/file", __WASI_OFLAGS_DIRECTORY, 0) == -__WASI_ERRNO_NOTDIR);
  CHECK(make(OUT, "new/") == -1 && make(OUT, "bad name") == -1 && make(OUT, "bad.") == -1);
  // Names that differ in case alone are one on many a disk.
  CHECK(make(OUT, "DIR") == -1 && open_as(OUT, "DIR", 0, 0) == -__WASI_ERRNO_NOENT);
  int file = make(OUT, "file");
  OK(__wasi_path_create_directory(OUT, "a"));
  CHECK(__wasi_path_open(file, 0, "x", __WASI_OFLAGS_CREAT, 0, 0, 0, &fd) == __WASI_ERRNO_NOTCAPABLE);
  return 0;
}

static int create_existing(void) {
  CHECK(touch(OUT, "file") && touch(OUT, "file"));
  int exclusive = __WASI_OFLAGS_CREAT | __WASI_OFLAGS_EXCL;
  CHECK(open_as(OUT, "file", exclusive, 0) == -__WASI_ERRNO_EXIST);
  CHECK(__wasi_path_create_directory(OUT, "file") == __WASI_ERRNO_EXIST);
  CHECK(__wasi_path_create_directory(OUT, ".") == __WASI_ERRNO_EXIST);
  CHECK(__wasi_path_create_directory(OUT, "no/dir") == __WASI_ERRNO_NOENT);
  OK(__wasi_path_create_directory(OUT, "dir/"));
  CHECK(__wasi_path_create_directory(OUT, "dir") == __WASI_ERRNO_EXIST);
  return 0;
}

static int read_write(void) {
  char bytes[8];
  CHECK(touch(OUT, "file"));
  int reads = open_as(OUT, "file", 0, __WASI_RIGHTS_FD_READ);
  int writes = open_as(OUT, "file", 0, __WASI_RIGHTS_FD_WRITE);
  __wasi_fdstat_t stat;
  OK(__wasi_fd_fdstat_get(reads, &stat));
  CHECK(stat.fs_rights_base == __WASI_RIGHTS_FD_READ);
  CHECK(get(reads, bytes, 8) == 0);
  CHECK(put(reads, "x", 1) == -__WASI_ERRNO_NOTCAPABLE);
  CHECK(get(writes, bytes, 8) == -__WASI_ERRNO_NOTCAPABLE);
  CHECK(put(writes, "abcdef", 6) == 6);
  CHECK(get(reads, bytes, 4) == 4 && get(reads, bytes, 4) == 2 && get(reads, bytes, 4) == 0);
  return 0;
}

static int positioned(void) {
  char bytes[16] = {0};
  int fd = make(OUT, "file");
  __wasi_ciovec_t from[2] = {{(uint8_t *)"abc", 3}, {(uint8_t *)"defg", 4}};
  __wasi_iovec_t into[2] = {{(uint8_t *)bytes, 2}, {(uint8_t *)bytes + 4, 8}};
  __wasi_size_t n;
  __wasi_filesize_t at;
  OK(__wasi_fd_pwrite(fd, from, 2, 0, &n));
  CHECK(n == 7);
  OK(__wasi_fd_tell(fd, &at));
  CHECK(at == 0);
  OK(__wasi_fd_pread(fd, into, 2, 1, &n));
  CHECK(n == 6 && memcmp(bytes, "bc\0\0defg", 8) == 0);
  OK(__wasi_fd_pread(fd, into, 2, 100, &n));
  CHECK(n == 0);
  OK(__wasi_fd_pwrite(fd, from, 1, 10, &n));
  CHECK(size_of(fd) == 13);
  OK(__wasi_fd_pread(fd, into, 1, 8, &n));
  CHECK(n == 2 && bytes[0] == 0 && bytes[1] == 0);
  return 0;
}

static int seeking(void) {
  __wasi_filesize_t at;
  int fd = make(OUT, "file");
  CHECK(put(fd, "0123456789", 10) == 10);
  OK(__wasi_fd_seek(fd, -3, __WASI_WHENCE_END, &at));
  CHECK(at == 7);
  OK(__wasi_fd_seek(fd, -2, __WASI_WHENCE_CUR, &at));
  CHECK(at == 5);
  OK(__wasi_fd_seek(fd, 100, __WASI_WHENCE_SET, &at));
  CHECK(at == 100 && size_of(fd) == 10);
  CHECK(__wasi_fd_seek(fd, -1, __WASI_WHENCE_SET, &at) == __WASI_ERRNO_INVAL);
  CHECK(__wasi_fd_seek(fd, 0, 3, &at) == __WASI_ERRNO_INVAL);
  CHECK(__wasi_fd_seek(1, 0, __WASI_WHENCE_SET, &at) == __WASI_ERRNO_NOTCAPABLE);
  OK(__wasi_fd_tell(fd, &at));
  CHECK(at == 100);
  CHECK(put(fd, "x", 1) == 1 && size_of(fd) == 101);
  return 0;
}

static int truncating(void) {
  char bytes[8];
  int fd = make(OUT, "file");
  CHECK(put(fd, "abcdef", 6) == 6);
  int other = open_as(OUT, "file", __WASI_OFLAGS_TRUNC, ALL_FILE);
  CHECK(other > 0 && size_of(fd) == 0);
  CHECK(put(fd, "gh", 2) == 2 && size_of(other) == 8);
  CHECK(get(other, bytes, 8) == 8 && memcmp(bytes, "\0\0\0\0\0\0gh", 8) == 0);
  OK(__wasi_fd_filestat_set_size(fd, 7));
  OK(__wasi_fd_filestat_set_size(fd, 8));
  __wasi_filesize_t at;
  OK(__wasi_fd_seek(other, 6, __WASI_WHENCE_SET, &at));
  CHECK(get(other, bytes, 8) == 2 && memcmp(bytes, "g\0", 2) == 0);
  CHECK(open_as(OUT, ".", __WASI_OFLAGS_TRUNC, 0) == -__WASI_ERRNO_ISDIR);
  __wasi_fdstat_t stat;
  OK(__wasi_fd_fdstat_get(OUT, &stat));
  OK(__wasi_fd_fdstat_set_rights(OUT, stat.fs_rights_base & ~__WASI_RIGHTS_PATH_FILESTAT_SET_SIZE,
    stat.fs_rights_inheriting));
  CHECK(open_as(OUT, "file", __WASI_OFLAGS_TRUNC, 0) == -__WASI_ERRNO_NOTCAPABLE);
  return 0;
}

static int rights(void) {
  char bytes[4];
  __wasi_fdstat_t stat;
  int fd = make(OUT, "file");
  CHECK(put(fd, "abcd", 4) == 4);
  OK(__wasi_fd_fdstat_get(fd, &stat));
  __wasi_rights_t less = stat.fs_rights_base & ~(__WASI_RIGHTS_FD_READ | __WASI_RIGHTS_FD_WRITE);
  OK(__wasi_fd_fdstat_set_rights(fd, less, 0));
  CHECK(get(fd, bytes, 4) == -__WASI_ERRNO_NOTCAPABLE && put(fd, "x", 1) == -__WASI_ERRNO_NOTCAPABLE);
  CHECK(__wasi_fd_fdstat_set_rights(fd, stat.fs_rights_base, 0) == __WASI_ERRNO_NOTCAPABLE);
  OK(__wasi_fd_fdstat_get(fd, &stat));
  CHECK(stat.fs_rights_base == less);
  int dir = open_as(OUT, ".", 0, __WASI_RIGHTS_PATH_OPEN);
  CHECK(make(dir, "new") == -1);
  CHECK(__wasi_path_unlink_file(dir, "file") == __WASI_ERRNO_NOTCAPABLE);
  CHECK(__wasi_path_create_directory(dir, "x") == __WASI_ERRNO_NOTCAPABLE);
  return 0;
}

static int renaming(void) {
  OK(__wasi_path_create_directory(OUT, "a"));
  OK(__wasi_path_rename(OUT, "a", OUT, "b"));
  CHECK(open_as(OUT, "a", 0, 0) == -__WASI_ERRNO_NOENT);
  OK(__wasi_path_create_directory(OUT, "a"));
  OK(__wasi_path_rename(OUT, "a", OUT, "b"));
  OK(__wasi_path_rename(OUT, "b/", OUT, "c/"));
  OK(__wasi_path_rename(OUT, "c", OUT, "b"));
  CHECK(touch(OUT, "b/file"));
  OK(__wasi_path_create_directory(OUT, "a"));
  CHECK(__wasi_path_rename(OUT, "a", OUT, "b") == __WASI_ERRNO_NOTEMPTY);
  CHECK(__wasi_path_rename(OUT, "a", OUT, "b/file") == __WASI_ERRNO_NOTDIR);
  CHECK(__wasi_path_rename(OUT, "b", OUT, "b/below") == __WASI_ERRNO_INVAL);
  CHECK(__wasi_path_rename(OUT, "b/file", OUT, "a") == __WASI_ERRNO_ISDIR);
  CHECK(__wasi_path_rename(OUT, "no", OUT, "a") == __WASI_ERRNO_NOENT);
  CHECK(__wasi_path_rename(OUT, "b/file", OUT, "file/") == __WASI_ERRNO_NOTDIR);
  int fd = make(OUT, "file");
  CHECK(put(fd, "abc", 3) == 3);
  OK(__wasi_path_rename(OUT, "file", OUT, "b/file"));
  CHECK(size_of(open_as(OUT, "b/file", 0, __WASI_RIGHTS_FD_FILESTAT_GET)) == 3);
  OK(__wasi_path_rename(OUT, "b/file", OUT, "b/file"));
  OK(__wasi_path_rename(OUT, "b", SCRATCH, "b"));
  CHECK(size_of(open_as(SCRATCH, "b/file", 0, __WASI_RIGHTS_FD_FILESTAT_GET)) == 3);
  return 0;
}

static int removing(void) {
  OK(__wasi_path_create_directory(OUT, "dir"));
  CHECK(__wasi_path_unlink_file(OUT, "dir") == __WASI_ERRNO_ISDIR);
  CHECK(__wasi_path_unlink_file(OUT, "dir/") == __WASI_ERRNO_ISDIR);
  OK(__wasi_path_create_directory(OUT, "dir/nested"));
  CHECK(__wasi_path_remove_directory(OUT, "dir") == __WASI_ERRNO_NOTEMPTY);
  OK(__wasi_path_remove_directory(OUT, "dir/nested/"));
  CHECK(__wasi_path_remove_directory(OUT, "dir/.") == __WASI_ERRNO_INVAL);
  CHECK(__wasi_path_create_directory(OUT, "new/.") == __WASI_ERRNO_NOENT);
  OK(__wasi_path_remove_directory(OUT, "dir"));
  CHECK(touch(OUT, "file"));
  CHECK(__wasi_path_remove_directory(OUT, "file") == __WASI_ERRNO_NOTDIR);
  CHECK(__wasi_path_remove_directory(OUT, "file/") == __WASI_ERRNO_NOTDIR);
  CHECK(__wasi_path_unlink_file(OUT, "file/") == __WASI_ERRNO_NOTDIR);
  OK(__wasi_path_unlink_file(OUT, "file"));
  CHECK(__wasi_path_unlink_file(OUT, "file") == __WASI_ERRNO_NOENT);
  return 0;
}

static int links(void) {
  char bytes[8];
  __wasi_size_t n;
  CHECK(touch(OUT, "file"));
  CHECK(__wasi_path_symlink("file", OUT, "link") == __WASI_ERRNO_NOTSUP);
  CHECK(__wasi_path_link(OUT, 0, "file", OUT, "link") == __WASI_ERRNO_NOTSUP);
  CHECK(__wasi_path_readlink(OUT, "file", (uint8_t *)bytes, 8, &n) == __WASI_ERRNO_INVAL);
  CHECK(__wasi_path_readlink(OUT, "link", (uint8_t *)bytes, 8, &n) == __WASI_ERRNO_NOENT);
  CHECK(open_as(OUT, "link", 0, 0) == -__WASI_ERRNO_NOENT);
  return 0;
}

static int inputs(void) {
  char bytes[8] = {0};
  int fd = open_as(IN, "data/a.txt", 0, __WASI_RIGHTS_FD_READ);
  CHECK(get(fd, bytes, 8) == 5 && strcmp(bytes, "hello") == 0);
  CHECK(open_as(IN, "data/a.txt", 0, __WASI_RIGHTS_FD_WRITE) == -__WASI_ERRNO_ROFS);
  CHECK(open_as(IN, "data/a.txt", __WASI_OFLAGS_TRUNC, 0) == -__WASI_ERRNO_ROFS);
  CHECK(make(IN, "new") == -1 && make(IN, "data/new") == -1);
  CHECK(__wasi_path_create_directory(IN, "new") == __WASI_ERRNO_ROFS);
  CHECK(__wasi_path_unlink_file(IN, "data/a.txt") == __WASI_ERRNO_ROFS);
  CHECK(__wasi_path_remove_directory(IN, "data") == __WASI_ERRNO_ROFS);
  CHECK(__wasi_path_rename(IN, "data", OUT, "data") == __WASI_ERRNO_ROFS);
  CHECK(__wasi_path_filestat_set_times(IN, 0, "data/a.txt", 1, 1, 5) == __WASI_ERRNO_ROFS);
  CHECK(touch(OUT, "file"));
  CHECK(__wasi_path_rename(OUT, "file", IN, "file") == __WASI_ERRNO_ROFS);
  CHECK(__wasi_path_rename(OUT, "file", IN, "data/a.txt") == __WASI_ERRNO_ROFS);
  CHECK(make(HERE, "new") == -1);
  CHECK(__wasi_path_rename(HERE, "out", SCRATCH, "out") == __WASI_ERRNO_ROFS);
  CHECK(__wasi_path_remove_directory(HERE, "scratch") == __WASI_ERRNO_ROFS);
  // An input in a scratch directory may be changed, and stays what it is for others.
  fd = open_as(SCRATCH, "b.txt", 0, ALL_FILE);
  CHECK(put(fd, "HE", 2) == 2 && get(fd, bytes, 3) == 3 && memcmp(bytes, "llo", 3) == 0);
  return 0;
}

static int stdio(void) {
  char text[8] = {0};
  // What is read as standard input is an input, and not to be changed.
  CHECK(put(0, "x", 1) == -__WASI_ERRNO_NOTCAPABLE);
  CHECK(__wasi_fd_filestat_set_size(0, 0) == __WASI_ERRNO_NOTCAPABLE);
  CHECK(fgets(text, sizeof text, stdin) != NULL && strcmp(text, "hello") == 0);
  CHECK(fgets(text, sizeof text, stdin) == NULL);
  printf("out\n");
  fprintf(stderr, "err\n");
  return 0;
}

/** A file through the C library, found by its absolute path and by one relative to the workdir. */
static int library(void) {
  FILE *file = fopen("/out/deep/file.txt", "w");
  CHECK(file != NULL);
  for (int i = 0; i < 1000; i++) fprintf(file, "%d\n", i);
  CHECK(fclose(file) == 0);
  file = fopen("deep/file.txt", "r");
  CHECK(file != NULL);
  CHECK(fseek(file, -4, SEEK_END) == 0);
  int last = 0;
  CHECK(fscanf(file, "%d", &last) == 1 && last == 999);
  CHECK(fclose(file) == 0);
  CHECK(fopen("/in/no", "r") == NULL && fopen("/etc/passwd", "r") == NULL);
  CHECK(fopen("../in/data/a.txt", "r") == NULL);
  CHECK(remove("/out/deep/file.txt") == 0);
  return 0;
}

#define CASE(name) \
  if (strcmp(argv[1], #name) == 0) return name();

static int run(int argc, char **argv) {
  CHECK(argc >= 2);
  if (strcmp(argv[1], "args") == 0) return args(argc, argv);
  CASE(environment)
  CASE(clocks)
  CASE(poll_clock)
  CASE(poll_stdio)
  CASE(chance)
  CASE(preopens)
  CASE(close_preopen)
  CASE(renumber)
  CASE(dangling)
  CASE(directory_calls)
  CASE(advise_and_allocate)
  CASE(times)
  CASE(appending)
  CASE(readdir)
  CASE(paths)
  CASE(create_existing)
  CASE(read_write)
  CASE(positioned)
  CASE(seeking)
  CASE(truncating)
  CASE(rights)
  CASE(renaming)
  CASE(removing)
  CASE(links)
  CASE(inputs)
  CASE(stdio)
  CASE(library)
  return __LINE__;
}

int main(int argc, char **argv) {
  int line = run(argc, argv);
  if (line != 0) fprintf(stderr, "line %d\n", line);
  return line != 0;
}
