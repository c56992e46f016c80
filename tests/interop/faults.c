/* A machine at fault, for one process. Loaded with LD_PRELOAD.
 *
 * FAULT_CLOCK_SECONDS: so far ahead is its wall clock.
 * FAULT_DISK_FULL: while the file of that name is there, the disk takes nothing more into a
 * write-ahead log.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

int clock_gettime(clockid_t clock, struct timespec *time) {
    const char *ahead = getenv("FAULT_CLOCK_SECONDS");
    int failed = (int)syscall(SYS_clock_gettime, clock, time);
    if (!failed && clock == CLOCK_REALTIME && ahead) time->tv_sec += atol(ahead);
    return failed;
}

static int is_full(int fd) {
    const char *full = getenv("FAULT_DISK_FULL");
    char link[64], path[PATH_MAX];
    if (!full || access(full, F_OK)) return 0;
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    ssize_t length = readlink(link, path, sizeof path - 1);
    if (length < 0) return 0;
    path[length] = 0;
    return strstr(path, "/data/wal/") != NULL;
}

ssize_t pwrite64(int fd, const void *bytes, size_t length, off64_t at) {
    if (is_full(fd)) {
        errno = ENOSPC;
        return -1;
    }
    return syscall(SYS_pwrite64, fd, bytes, length, at);
}
