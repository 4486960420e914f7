/* A power cut for one process: what it wrote to a SQLite write-ahead log and did not fsync is gone when it is killed.
 *
 * Preloaded into the server (LD_PRELOAD). Writes to files named *-wal are kept in memory, where the process reads them
 * like everything else, until it fsyncs; only then do they reach the file. Killed in between, the file is as a disk would
 * be after a power cut that took every unsynced write. While the file named by POWER_FAULT exists, fsync of such a file
 * fails as it does on a dying disk.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <unistd.h>

struct piece { off64_t at; size_t length; struct piece *next; char bytes[]; };
struct file { dev_t device; ino_t inode; struct piece *first, **last; };

#define FILES 64
#define DESCRIPTORS 65536
static struct file files[FILES];
static int known;
static struct file *of[DESCRIPTORS];
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

#define REAL(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))

static struct file *file_of(int fd) { return fd >= 0 && fd < DESCRIPTORS ? of[fd] : NULL; }

static void note(int fd, const char *path) {
    size_t length = strlen(path);
    struct stat64 there;
    if (fd < 0 || fd >= DESCRIPTORS) return;
    of[fd] = NULL;
    if (length < 4 || strcmp(path + length - 4, "-wal") != 0 || REAL(fstat64)(fd, &there) != 0) return;
    pthread_mutex_lock(&lock);
    int i = 0;
    while (i < known && !(files[i].device == there.st_dev && files[i].inode == there.st_ino)) i++;
    if (i == known) {
        if (known == FILES) abort();
        files[i] = (struct file){there.st_dev, there.st_ino, NULL, NULL};
        files[i].last = &files[i].first;
        known++;
    }
    of[fd] = &files[i];
    pthread_mutex_unlock(&lock);
}

static void keep(struct file *file, const void *bytes, size_t length, off64_t at) {
    struct piece *piece = malloc(sizeof *piece + length);
    if (!piece) abort();
    piece->at = at, piece->length = length, piece->next = NULL;
    memcpy(piece->bytes, bytes, length);
    *file->last = piece, file->last = &piece->next;
}

static ssize_t look(int fd, struct file *file, char *bytes, size_t length, off64_t at) {
    ssize_t there = REAL(pread64)(fd, bytes, length, at);
    if (there < 0) return there;
    memset(bytes + there, 0, length - there);
    off64_t end = at + there;
    for (struct piece *piece = file->first; piece; piece = piece->next) {
        off64_t from = piece->at > at ? piece->at : at;
        off64_t to = piece->at + (off64_t)piece->length;
        if (to > at + (off64_t)length) to = at + (off64_t)length;
        if (from >= to) continue;
        memcpy(bytes + (from - at), piece->bytes + (from - piece->at), to - from);
        if (to > end) end = to;
    }
    return end - at;
}

static void pour(int fd, struct file *file) {
    for (struct piece *piece = file->first, *next; piece; piece = next) {
        next = piece->next;
        if (REAL(pwrite64)(fd, piece->bytes, piece->length, piece->at) != (ssize_t)piece->length) abort();
        free(piece);
    }
    file->first = NULL, file->last = &file->first;
}

static int open_any(const char *name, const char *path, int flags, mode_t mode) {
    int fd = ((int (*)(const char *, int, ...))dlsym(RTLD_NEXT, name))(path, flags, mode);
    if (fd >= 0) note(fd, path);
    return fd;
}

static mode_t mode_in(int flags, va_list rest) { return flags & (O_CREAT | O_TMPFILE) ? va_arg(rest, mode_t) : 0; }

int open(const char *path, int flags, ...) {
    va_list rest;
    va_start(rest, flags);
    mode_t mode = mode_in(flags, rest);
    va_end(rest);
    return open_any("open", path, flags, mode);
}

int open64(const char *path, int flags, ...) {
    va_list rest;
    va_start(rest, flags);
    mode_t mode = mode_in(flags, rest);
    va_end(rest);
    return open_any("open64", path, flags, mode);
}

/* Another process would still see what was written: only a kill loses it. */
int close(int fd) {
    struct file *file = file_of(fd);
    if (file) {
        pthread_mutex_lock(&lock);
        pour(fd, file);
        of[fd] = NULL;
        pthread_mutex_unlock(&lock);
    }
    return REAL(close)(fd);
}

ssize_t pwrite64(int fd, const void *bytes, size_t length, off64_t at) {
    struct file *file = file_of(fd);
    if (!file) return REAL(pwrite64)(fd, bytes, length, at);
    pthread_mutex_lock(&lock);
    keep(file, bytes, length, at);
    pthread_mutex_unlock(&lock);
    return length;
}

ssize_t pread64(int fd, void *bytes, size_t length, off64_t at) {
    struct file *file = file_of(fd);
    if (!file) return REAL(pread64)(fd, bytes, length, at);
    pthread_mutex_lock(&lock);
    ssize_t seen = look(fd, file, bytes, length, at);
    pthread_mutex_unlock(&lock);
    return seen;
}

ssize_t write(int fd, const void *bytes, size_t length) {
    if (!file_of(fd)) return REAL(write)(fd, bytes, length);
    off64_t at = lseek64(fd, 0, SEEK_CUR);
    ssize_t written = pwrite64(fd, bytes, length, at);
    lseek64(fd, at + written, SEEK_SET);
    return written;
}

ssize_t read(int fd, void *bytes, size_t length) {
    if (!file_of(fd)) return REAL(read)(fd, bytes, length);
    off64_t at = lseek64(fd, 0, SEEK_CUR);
    ssize_t seen = pread64(fd, bytes, length, at);
    if (seen > 0) lseek64(fd, at + seen, SEEK_SET);
    return seen;
}

static int sync_any(int fd, int (*sync)(int)) {
    struct file *file = file_of(fd);
    if (file) {
        const char *fault = getenv("POWER_FAULT");
        if (fault && access(fault, F_OK) == 0) {
            errno = EIO;
            return -1;
        }
        pthread_mutex_lock(&lock);
        pour(fd, file);
        pthread_mutex_unlock(&lock);
    }
    return sync(fd);
}

int fsync(int fd) { return sync_any(fd, REAL(fsync)); }
int fdatasync(int fd) { return sync_any(fd, REAL(fdatasync)); }

int ftruncate64(int fd, off64_t length) {
    struct file *file = file_of(fd);
    if (file) {
        pthread_mutex_lock(&lock);
        pour(fd, file);
        pthread_mutex_unlock(&lock);
    }
    return REAL(ftruncate64)(fd, length);
}

int fstat64(int fd, struct stat64 *told) {
    int failed = REAL(fstat64)(fd, told);
    struct file *file = file_of(fd);
    if (failed || !file) return failed;
    pthread_mutex_lock(&lock);
    for (struct piece *piece = file->first; piece; piece = piece->next) {
        off64_t end = piece->at + (off64_t)piece->length;
        if (end > told->st_size) told->st_size = end;
    }
    pthread_mutex_unlock(&lock);
    return 0;
}
