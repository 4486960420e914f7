/* A dying disk for one process: while the file named by DISK_FAULT exists, every fsync fails with EIO, and what was written
 * stays in the file all the same, as a system keeps it that has given up writing it out. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

static int fails(void) {
    const char *fault = getenv("DISK_FAULT");
    return fault && access(fault, F_OK) == 0;
}

static int sync_by(const char *name, int fd) {
    if (fails()) {
        errno = EIO;
        return -1;
    }
    return ((int (*)(int))dlsym(RTLD_NEXT, name))(fd);
}

int fsync(int fd) { return sync_by("fsync", fd); }
int fdatasync(int fd) { return sync_by("fdatasync", fd); }
