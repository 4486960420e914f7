/* A death at a given moment: the process is killed when it is about to change its files for the DYING_AT-th time; with
 * DYING_HALF some of what it was about to write is written still, as a loss of power tears it: whole sectors of the disk.
 *
 * Preloaded into the server (LD_PRELOAD). What goes to sockets and terminals is no change of a file. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <unistd.h>

#define REAL(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))

static atomic_long changes;

static int now(void) {
    const char *at = getenv("DYING_AT");
    return at && atomic_fetch_add(&changes, 1) + 1 == atol(at);
}

static void die(void) {
    kill(getpid(), SIGKILL);
    for (;;) pause();
}

/* How much of a write is on disk that is torn between two sectors, about in its middle; nothing where it lies in one. */
static size_t half(off64_t at, size_t length) {
    off64_t cut = (at + (off64_t)length / 2 + 511) / 512 * 512;
    return getenv("DYING_HALF") && cut < at + (off64_t)length ? cut - at : 0;
}

static int is_file(int fd) {
    struct stat64 known;
    return fstat64(fd, &known) == 0 && S_ISREG(known.st_mode);
}

ssize_t pwrite64(int fd, const void *bytes, size_t length, off64_t at) {
    if (now()) {
        if (half(at, length)) (void)!REAL(pwrite64)(fd, bytes, half(at, length), at);
        die();
    }
    return REAL(pwrite64)(fd, bytes, length, at);
}

ssize_t write(int fd, const void *bytes, size_t length) {
    if (is_file(fd) && now()) {
        off64_t at = lseek64(fd, 0, SEEK_CUR);
        if (half(at, length)) (void)!REAL(write)(fd, bytes, half(at, length));
        die();
    }
    return REAL(write)(fd, bytes, length);
}

int fsync(int fd) {
    if (now()) die();
    return REAL(fsync)(fd);
}

int fdatasync(int fd) {
    if (now()) die();
    return REAL(fdatasync)(fd);
}

int ftruncate64(int fd, off64_t length) {
    if (now()) die();
    return REAL(ftruncate64)(fd, length);
}

int rename(const char *from, const char *to) {
    if (now()) die();
    return REAL(rename)(from, to);
}

int unlink(const char *path) {
    if (now()) die();
    return REAL(unlink)(path);
}
