/* What a disk holds after a power cut, kept beside it as the process runs.
 *
 * Loaded with LD_PRELOAD. Of the files under POWERCUT_ROOT it keeps, under POWERCUT_SHADOW, what
 * fsync and fdatasync have covered, and nothing else: bytes written since are not there, nor are
 * renames and removals before their folder was synced. sync_file_range covers nothing: it flushes
 * neither the device nor the size of the file.
 *
 * The shadow must hold a copy of the root before the process starts.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <unistd.h>

#define MOST 4096

/* Bytes of one file that were written and not synced. */
struct dirty {
    dev_t dev;
    ino_t ino;
    off_t from, to;
    int used;
};
/* A rename (to is a path) or a removal (to is empty) that waits for the sync of its folder. */
struct pending {
    char from[PATH_MAX], to[PATH_MAX];
    int used;
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct dirty dirty[MOST];
static struct pending pending[MOST];
static char root[PATH_MAX], shadow[PATH_MAX];
static size_t root_len;

static ssize_t (*real_write)(int, const void *, size_t);
static ssize_t (*real_pwrite64)(int, const void *, size_t, off_t);
static ssize_t (*real_writev)(int, const struct iovec *, int);
static ssize_t (*real_pwritev)(int, const struct iovec *, int, off_t);
static int (*real_fsync)(int);
static int (*real_fdatasync)(int);
static int (*real_rename)(const char *, const char *);
static int (*real_unlink)(const char *);

static void fail(const char *what) {
    fprintf(stderr, "powercut: %s: %s\n", what, strerror(errno));
    _exit(77);
}

__attribute__((constructor)) static void start(void) {
    real_write = dlsym(RTLD_NEXT, "write");
    real_pwrite64 = dlsym(RTLD_NEXT, "pwrite64");
    real_writev = dlsym(RTLD_NEXT, "writev");
    real_pwritev = dlsym(RTLD_NEXT, "pwritev64");
    real_fsync = dlsym(RTLD_NEXT, "fsync");
    real_fdatasync = dlsym(RTLD_NEXT, "fdatasync");
    real_rename = dlsym(RTLD_NEXT, "rename");
    real_unlink = dlsym(RTLD_NEXT, "unlink");
    const char *r = getenv("POWERCUT_ROOT"), *s = getenv("POWERCUT_SHADOW");
    if (!r || !s || !realpath(r, root) || !realpath(s, shadow)) fail("POWERCUT_ROOT, POWERCUT_SHADOW");
    root_len = strlen(root);
}

/* The path of an open file relative to the root, or NULL when it lies elsewhere. */
static const char *below(int fd, char *path) {
    char link[64];
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    ssize_t n = readlink(link, path, PATH_MAX - 1);
    if (n < 0) return NULL;
    path[n] = 0;
    if (strncmp(path, root, root_len) || (path[root_len] && path[root_len] != '/')) return NULL;
    return path + root_len;
}

static void in_shadow(char *to, const char *relative) {
    if (snprintf(to, PATH_MAX, "%s%s", shadow, relative) >= PATH_MAX) fail("path");
}

static void make_folders(char *path) {
    for (char *p = path + strlen(shadow) + 1; (p = strchr(p, '/')); p++) {
        *p = 0;
        if (mkdir(path, 0700) && errno != EEXIST) fail(path);
        *p = '/';
    }
}

/* Called with the lock held. */
static struct dirty *of(const struct stat *st, int make) {
    struct dirty *spare = NULL;
    for (int i = 0; i < MOST; i++) {
        if (dirty[i].used && dirty[i].dev == st->st_dev && dirty[i].ino == st->st_ino) return &dirty[i];
        if (!dirty[i].used && !spare) spare = &dirty[i];
    }
    if (!make) return NULL;
    if (!spare) fail("too many files");
    *spare = (struct dirty){st->st_dev, st->st_ino, 0, 0, 1};
    return spare;
}

static void wrote(int fd, off_t from, ssize_t n) {
    char path[PATH_MAX];
    struct stat st;
    int saved = errno;
    if (n > 0 && below(fd, path) && !fstat(fd, &st) && S_ISREG(st.st_mode)) {
        if (from < 0) from = lseek(fd, 0, SEEK_CUR) - n;
        pthread_mutex_lock(&lock);
        struct dirty *d = of(&st, 1);
        if (d->from == d->to) {
            d->from = from;
            d->to = from + n;
        }
        if (from < d->from) d->from = from;
        if (from + n > d->to) d->to = from + n;
        pthread_mutex_unlock(&lock);
    }
    errno = saved;
}

static void cover_file(int fd, const char *relative, const struct stat *st) {
    char to[PATH_MAX], buffer[1 << 16];
    in_shadow(to, relative);
    make_folders(to);
    int out = open(to, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
    if (out < 0) fail(to);
    struct dirty *d = of(st, 0);
    off_t at = d ? d->from : 0, end = d ? d->to : 0;
    while (at < end) {
        size_t want = end - at < (off_t)sizeof buffer ? (size_t)(end - at) : sizeof buffer;
        ssize_t n = pread(fd, buffer, want, at);
        if (n < 0) {
            /* Opened to write only: read it by its name. */
            char link[64];
            snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
            int in = open(link, O_RDONLY | O_CLOEXEC);
            if (in < 0) fail(relative);
            n = pread(in, buffer, want, at);
            close(in);
            if (n < 0) fail(relative);
        }
        if (n == 0) break;
        if (real_pwrite64(out, buffer, n, at) != n) fail(to);
        at += n;
    }
    if (d) d->used = 0;
    if (ftruncate(out, st->st_size)) fail(to);
    close(out);
}

static void cover_folder(const char *relative) {
    size_t n = strlen(relative);
    for (int i = 0; i < MOST; i++) {
        struct pending *p = &pending[i];
        const char *name = p->to[0] ? p->to : p->from;
        if (!p->used || strncmp(name, relative, n) || name[n] != '/' || strchr(name + n + 1, '/')) continue;
        char from[PATH_MAX], to[PATH_MAX];
        in_shadow(from, p->from);
        if (p->to[0]) {
            in_shadow(to, p->to);
            make_folders(to);
            /* A file that was never synced has no content to rename. */
            if (real_rename(from, to) && errno != ENOENT) fail(to);
        } else if (real_unlink(from) && errno != ENOENT) {
            fail(from);
        }
        p->used = 0;
    }
}

static void synced(int fd) {
    char path[PATH_MAX];
    struct stat st;
    int saved = errno;
    const char *relative = below(fd, path);
    if (relative && !fstat(fd, &st)) {
        pthread_mutex_lock(&lock);
        if (S_ISDIR(st.st_mode)) {
            char to[PATH_MAX];
            in_shadow(to, relative);
            make_folders(to);
            if (mkdir(to, 0700) && errno != EEXIST) fail(to);
            cover_folder(relative);
        } else {
            cover_file(fd, relative, &st);
        }
        pthread_mutex_unlock(&lock);
    }
    errno = saved;
}

static void named(const char *from, const char *to) {
    char resolved[PATH_MAX], folder[PATH_MAX];
    const char *last = to[0] ? to : from;
    snprintf(folder, sizeof folder, "%s", last);
    char *slash = strrchr(folder, '/');
    if (slash) *slash = 0;
    if (!realpath(slash ? folder : ".", resolved)) return;
    if (strncmp(resolved, root, root_len)) return;
    if (strncmp(from, root, root_len) || (to[0] && strncmp(to, root, root_len))) fail("a path that is not absolute");
    pthread_mutex_lock(&lock);
    int i = 0;
    while (i < MOST && pending[i].used) i++;
    if (i == MOST) fail("too many names");
    snprintf(pending[i].from, PATH_MAX, "%s", from + root_len);
    snprintf(pending[i].to, PATH_MAX, "%s", to[0] ? to + root_len : "");
    pending[i].used = 1;
    pthread_mutex_unlock(&lock);
}

ssize_t write(int fd, const void *b, size_t n) {
    ssize_t w = real_write(fd, b, n);
    wrote(fd, -1, w);
    return w;
}
ssize_t writev(int fd, const struct iovec *v, int n) {
    ssize_t w = real_writev(fd, v, n);
    wrote(fd, -1, w);
    return w;
}
ssize_t pwrite64(int fd, const void *b, size_t n, off_t at) {
    ssize_t w = real_pwrite64(fd, b, n, at);
    wrote(fd, at, w);
    return w;
}
ssize_t pwrite(int fd, const void *b, size_t n, off_t at) { return pwrite64(fd, b, n, at); }
ssize_t pwritev64(int fd, const struct iovec *v, int n, off_t at) {
    ssize_t w = real_pwritev(fd, v, n, at);
    wrote(fd, at, w);
    return w;
}
ssize_t pwritev(int fd, const struct iovec *v, int n, off_t at) { return pwritev64(fd, v, n, at); }
int fsync(int fd) {
    int r = real_fsync(fd);
    if (r == 0) synced(fd);
    return r;
}
int fdatasync(int fd) {
    int r = real_fdatasync(fd);
    if (r == 0) synced(fd);
    return r;
}
int rename(const char *from, const char *to) {
    int r = real_rename(from, to);
    if (r == 0) named(from, to);
    return r;
}
int unlink(const char *path) {
    int r = real_unlink(path);
    if (r == 0) named(path, "");
    return r;
}
