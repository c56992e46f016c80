/* A machine at fault, for one process. Loaded with LD_PRELOAD.
 *
 * FAULT_CLOCK_SECONDS: so far ahead is its wall clock.
 * FAULT_DISK_FULL: while the file of that name is there, the disk takes nothing more into a
 * write-ahead log.
 * FAULT_DISK_SLOW: while the file of that name is there, each sync of a write-ahead log takes three
 * seconds.
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

/* Whether that fault is on, and the file is of a write-ahead log. */
static int hits(const char *fault, int fd) {
    const char *on = getenv(fault);
    char link[64], path[PATH_MAX];
    if (!on || access(on, F_OK)) return 0;
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    ssize_t length = readlink(link, path, sizeof path - 1);
    if (length < 0) return 0;
    path[length] = 0;
    return strstr(path, "/data/wal/") != NULL;
}

ssize_t pwrite64(int fd, const void *bytes, size_t length, off64_t at) {
    if (hits("FAULT_DISK_FULL", fd)) {
        errno = ENOSPC;
        return -1;
    }
    return syscall(SYS_pwrite64, fd, bytes, length, at);
}

int fdatasync(int fd) {
    if (hits("FAULT_DISK_SLOW", fd)) sleep(3);
    return (int)syscall(SYS_fdatasync, fd);
}
