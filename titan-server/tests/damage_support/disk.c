/* A disk that fails one process, in three ways, each while the file named by a variable exists.
 *
 * DISK_FAULT: every fsync fails with EIO, and what was written stays in the file all the same, as a system keeps it that has
 * given up writing it out.
 *
 * DISK_FULL: what would make a file larger fails with ENOSPC, and what lies within it is written as ever. The file says which
 * file is meant; a folder, with a slash at the end, means all that are in it but SQLite's index of its log (-shm), which takes
 * the place again that it has just given back.
 *
 * DISK_KILL: the process is killed once it has put a file in its place that the file names. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define NEXT(name, type) ((type)dlsym(RTLD_NEXT, name))

static int fails(void) {
    const char *fault = getenv("DISK_FAULT");
    return fault && access(fault, F_OK) == 0;
}

static int sync_by(const char *name, int fd) {
    if (fails()) {
        errno = EIO;
        return -1;
    }
    return NEXT(name, int (*)(int))(fd);
}

int fsync(int fd) { return sync_by("fsync", fd); }
int fdatasync(int fd) { return sync_by("fdatasync", fd); }

/* What the file says that a variable names; nothing, where there is none. */
static ssize_t told_by(const char *variable, char *text, size_t most) {
    const char *file = getenv(variable);
    int told = file ? open(file, O_RDONLY | O_CLOEXEC) : -1;
    if (told < 0) return 0;
    ssize_t length = read(told, text, most);
    close(told);
    return length;
}

int rename(const char *from, const char *to) {
    char meant[PATH_MAX] = {0};
    int renamed = NEXT("rename", int (*)(const char *, const char *))(from, to);
    if (told_by("DISK_KILL", meant, sizeof meant - 1) > 0 && strcmp(to, meant) == 0) raise(SIGKILL);
    return renamed;
}

static int ends_with(const char *text, const char *end) {
    size_t length = strlen(text), tail = strlen(end);
    return length >= tail && strcmp(text + length - tail, end) == 0;
}

/* Whether a file lies where nothing more has room. */
static int is_full(int fd) {
    char meant[PATH_MAX] = {0}, link[64], path[PATH_MAX] = {0};
    ssize_t length = told_by("DISK_FULL", meant, sizeof meant - 1);
    if (length <= 0) return 0;
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    if (readlink(link, path, sizeof path - 1) < 0) return 0;
    if (meant[length - 1] == '/') return strncmp(path, meant, (size_t)length) == 0 && !ends_with(path, "-shm");
    return strcmp(path, meant) == 0;
}

/* Whether a file would have to grow for this, and can't. */
static int refused(int fd, off64_t end) {
    struct stat known;
    if (fstat(fd, &known) != 0 || !S_ISREG(known.st_mode) || end <= known.st_size || !is_full(fd)) return 0;
    errno = ENOSPC;
    return 1;
}

ssize_t write(int fd, const void *bytes, size_t length) {
    off64_t at = lseek64(fd, 0, SEEK_CUR);
    if (at >= 0 && refused(fd, at + (off64_t)length)) return -1;
    return NEXT("write", ssize_t (*)(int, const void *, size_t))(fd, bytes, length);
}

ssize_t pwrite64(int fd, const void *bytes, size_t length, off64_t at) {
    if (refused(fd, at + (off64_t)length)) return -1;
    return NEXT("pwrite64", ssize_t (*)(int, const void *, size_t, off64_t))(fd, bytes, length, at);
}

ssize_t pwrite(int fd, const void *bytes, size_t length, off_t at) { return pwrite64(fd, bytes, length, at); }

int ftruncate64(int fd, off64_t length) {
    if (refused(fd, length)) return -1;
    return NEXT("ftruncate64", int (*)(int, off64_t))(fd, length);
}

int ftruncate(int fd, off_t length) { return ftruncate64(fd, length); }
