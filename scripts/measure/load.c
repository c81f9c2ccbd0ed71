/* Load on one port of this machine: HTTP/1.1 in plain or over TLS with a client certificate, from several threads.

   Written in C so that the client is never what is measured. It speaks to 127.0.0.1 and nowhere else, ends after a
   count of calls or a number of seconds, whichever is first, and prints one line of JSON. What the figures mean is
   left to the Python beside it. Linux; cc -O2 -pthread load.c -lssl -lcrypto */

#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <getopt.h>
#include <netinet/tcp.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define MAX_CONNECTIONS 64
#define MAX_COUNT 1000000
#define MAX_SECONDS 60
#define MAX_ERRORS 20        /* after so many there is nothing left to measure */
#define MAX_ANSWER 65536     /* bytes; the answers of both sides are far below */
#define PATIENCE_SECONDS 5   /* for one read or write: an answer that takes longer is an error */
#define RETRY_MICROSECONDS 500
#define MESSAGE 200

enum mode { NEW, KEEP, FIRST };

/* One connection; ssl is NULL where it is plain. */
struct line {
    int fd;
    SSL *ssl;
};

struct request {
    char *bytes;
    size_t length;
};

/* What one thread saw. */
struct worker {
    pthread_t thread;
    uint32_t *microseconds;
    long done, room;
    char answer[MAX_ANSWER + 1];
};

static enum mode mode = NEW;
static int port, connections = 8, expected = 200;
static long limit = 1000;
static double seconds = 1;
static SSL_CTX *context;
static struct request *requests;
static long request_count;

static atomic_long taken, errors;
static char first_error[MESSAGE];
static pthread_mutex_t error_lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_barrier_t ready;

static double now(void) {
    struct timespec at;
    clock_gettime(CLOCK_MONOTONIC, &at);
    return at.tv_sec + at.tv_nsec / 1e9;
}

static double cpu(void) {
    struct rusage used;
    getrusage(RUSAGE_SELF, &used);
    return used.ru_utime.tv_sec + used.ru_stime.tv_sec + (used.ru_utime.tv_usec + used.ru_stime.tv_usec) / 1e6;
}

static void stop(const char *what, const char *which) {
    fprintf(stderr, "load: %s %s\n", what, which);
    exit(2);
}

/* Counts an error; the first one is told, in words that can stand in JSON. */
static int failed(const char *what, const char *detail) {
    pthread_mutex_lock(&error_lock);
    if (!first_error[0]) {
        snprintf(first_error, sizeof first_error, "%s: %s", what, detail);
        for (char *c = first_error; *c; c++)
            if (*c == '"' || *c == '\\' || *c < ' ') *c = ' ';
    }
    pthread_mutex_unlock(&error_lock);
    atomic_fetch_add(&errors, 1);
    return 0;
}

static int failed_tls(const char *what) {
    unsigned long code = ERR_get_error();
    char text[MESSAGE] = "";
    if (code) ERR_error_string_n(code, text, sizeof text);
    ERR_clear_error();
    return failed(what, code ? text : errno ? strerror(errno) : "the other side closed");
}

static void hang_up(struct line *line) {
    if (line->ssl) {
        SSL_shutdown(line->ssl);
        SSL_free(line->ssl);
    }
    if (line->fd >= 0) close(line->fd);
    ERR_clear_error();
    *line = (struct line){.fd = -1};
}

static int dial(struct line *line) {
    struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    struct timeval patience = {.tv_sec = PATIENCE_SECONDS};
    int yes = 1;
    *line = (struct line){.fd = socket(AF_INET, SOCK_STREAM, 0)};
    if (line->fd < 0) return 0;
    setsockopt(line->fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
    setsockopt(line->fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    setsockopt(line->fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
    return connect(line->fd, (struct sockaddr *)&to, sizeof to) == 0;
}

/* A full handshake: nothing of an earlier connection is kept, so there is nothing to resume. */
static int shake_hands(struct line *line) {
    if (!context) return 1;
    line->ssl = SSL_new(context);
    if (!line->ssl || !SSL_set_fd(line->ssl, line->fd)) return 0;
    SSL_set_tlsext_host_name(line->ssl, "localhost");
    SSL_set1_host(line->ssl, "localhost");
    return SSL_connect(line->ssl) == 1;
}

static int say(struct line *line, const struct request *request) {
    if (line->ssl) return SSL_write(line->ssl, request->bytes, (int)request->length) == (int)request->length;
    return send(line->fd, request->bytes, request->length, MSG_NOSIGNAL) == (ssize_t)request->length;
}

static long hear(struct line *line, char *into, size_t room) {
    return line->ssl ? SSL_read(line->ssl, into, (int)room) : recv(line->fd, into, room, 0);
}

/* The length of the answer whose head is there, 0 while it is not, -1 when it does not say. */
static long answer_length(const char *answer) {
    const char *end = strstr(answer, "\r\n\r\n");
    if (!end) return 0;
    const char *header = strcasestr(answer, "\r\ncontent-length:");
    if (!header || header > end) return -1;
    return end + 4 - answer + atol(header + 17);
}

static int listen_for_answer(struct line *line, char *answer) {
    long have = 0, whole = 0;
    while (!whole || have < whole) {
        errno = 0;
        long got = hear(line, answer + have, MAX_ANSWER - have);
        if (got <= 0) return failed_tls("no answer");
        have += got;
        answer[have] = 0;
        if (!whole) whole = answer_length(answer);
        if (whole < 0 || whole > MAX_ANSWER) return failed("answer", "no content-length, or a large one");
    }
    if (have > 12 && atoi(answer + 9) == expected) return 1;
    answer[have < 60 ? have : 60] = 0;
    return failed("another status", answer);
}

static int ask(struct line *line, const struct request *request, char *answer) {
    errno = 0;
    if (!say(line, request)) return failed_tls("the call was not sent");
    return listen_for_answer(line, answer);
}

static int call_on_new_line(const struct request *request, char *answer) {
    struct line line;
    errno = 0;
    int ok = dial(&line) ? shake_hands(&line) ? ask(&line, request, answer) : failed_tls("handshake")
                         : failed("connect", strerror(errno));
    hang_up(&line);
    return ok;
}

static void note(struct worker *self, double since) {
    if (self->done == self->room) {
        self->room = self->room ? self->room * 2 : 1024;
        self->microseconds = realloc(self->microseconds, self->room * sizeof *self->microseconds);
        if (!self->microseconds) stop("out of", "memory");
    }
    self->microseconds[self->done++] = (uint32_t)((now() - since) * 1e6);
}

static void *work(void *argument) {
    struct worker *self = argument;
    struct line line = {.fd = -1};
    int ok = 1;
    if (mode == KEEP && !(dial(&line) && shake_hands(&line))) ok = failed_tls("connect and handshake");
    pthread_barrier_wait(&ready);
    double deadline = now() + seconds;
    while (ok && now() < deadline && atomic_load(&errors) < MAX_ERRORS) {
        long number = atomic_fetch_add(&taken, 1);
        if (number >= limit) break;
        const struct request *request = &requests[number % request_count];
        double since = now();
        int answered = mode == KEEP ? ask(&line, request, self->answer) : call_on_new_line(request, self->answer);
        if (answered) note(self, since);
        else if (mode == KEEP) ok = 0;
    }
    hang_up(&line);
    return NULL;
}

/* A file of requests: for each a line with its length in bytes, and the bytes. */
static void read_requests(const char *path) {
    FILE *file = fopen(path, "rb");
    long length;
    if (!file) stop("cannot read", path);
    while (fscanf(file, "%ld", &length) == 1) {
        if (length <= 0 || length > MAX_ANSWER || fgetc(file) != '\n') stop("no request file:", path);
        requests = realloc(requests, (request_count + 1) * sizeof *requests);
        char *bytes = malloc(length);
        if (!requests || !bytes || fread(bytes, 1, length, file) != (size_t)length) stop("no request file:", path);
        requests[request_count++] = (struct request){.bytes = bytes, .length = length};
    }
    fclose(file);
    if (!request_count) stop("no request in", path);
}

static SSL_CTX *make_context(const char *certificate, const char *key, const char *authority) {
    static const unsigned char alpn[] = "\x08http/1.1";
    SSL_CTX *made = SSL_CTX_new(TLS_client_method());
    if (!made) stop("no TLS", "context");
    SSL_CTX_set_session_cache_mode(made, SSL_SESS_CACHE_OFF);
    /* Where handshakes are counted the server's chain goes unjudged: that is a third of the client's work and none of
       the server's. Every run has judged the same certificates before. */
    SSL_CTX_set_verify(made, mode == NEW ? SSL_VERIFY_NONE : SSL_VERIFY_PEER, NULL);
    SSL_CTX_set_alpn_protos(made, alpn, sizeof alpn - 1);
    if (SSL_CTX_load_verify_locations(made, authority, NULL) != 1) stop("cannot read", authority);
    if (SSL_CTX_use_certificate_chain_file(made, certificate) != 1) stop("cannot read", certificate);
    if (SSL_CTX_use_PrivateKey_file(made, key, SSL_FILETYPE_PEM) != 1) stop("cannot read", key);
    return made;
}

static int smaller(const void *a, const void *b) {
    uint32_t left = *(const uint32_t *)a, right = *(const uint32_t *)b;
    return (left > right) - (left < right);
}

static uint32_t quantile(const uint32_t *sorted, long count, double part) {
    return count ? sorted[(long)(part * (count - 1) + 0.5)] : 0;
}

static void report(struct worker *workers, double elapsed, double used) {
    long done = 0, at = 0;
    for (int i = 0; i < connections; i++) done += workers[i].done;
    uint32_t *all = malloc((done + 1) * sizeof *all);
    if (!all) stop("out of", "memory");
    for (int i = 0; i < connections; i++)
        for (long j = 0; j < workers[i].done; j++) all[at++] = workers[i].microseconds[j];
    qsort(all, done, sizeof *all, smaller);
    printf("{\"done\":%ld,\"errors\":%ld,\"seconds\":%.6f,\"cpu\":%.6f,\"p50_us\":%u,\"p99_us\":%u,"
           "\"ended\":%.6f,\"first_error\":\"%s\"}\n",
           done, (long)errors, elapsed, used, quantile(all, done, 0.5), quantile(all, done, 0.99), now(), first_error);
}

static void run(void) {
    static struct worker workers[MAX_CONNECTIONS];
    pthread_barrier_init(&ready, NULL, connections + 1);
    for (int i = 0; i < connections; i++)
        if (pthread_create(&workers[i].thread, NULL, work, &workers[i])) stop("no", "thread");
    pthread_barrier_wait(&ready);
    double since = now(), before = cpu();
    for (int i = 0; i < connections; i++) pthread_join(workers[i].thread, NULL);
    report(workers, now() - since, cpu() - before);
}

/* Until somebody listens and the first call is answered; only a refused connection is tried again. */
static void wait_for_first(void) {
    static struct worker worker;
    double since = now();
    struct line line;
    connections = 1;
    while (!dial(&line)) {
        hang_up(&line);
        if (now() - since > seconds) stop("nobody listens within", "the time given");
        usleep(RETRY_MICROSECONDS);
    }
    if (!shake_hands(&line)) failed_tls("handshake");
    else if (ask(&line, &requests[0], worker.answer)) note(&worker, since);
    hang_up(&line);
    report(&worker, now() - since, cpu());
}

static const char *certificate, *key, *authority, *file;

static void read_options(int count, char **words) {
    static const struct option known[] = {
        {"mode", 1, 0, 'm'}, {"port", 1, 0, 'p'}, {"connections", 1, 0, 'n'}, {"count", 1, 0, 'c'},
        {"seconds", 1, 0, 's'}, {"expect", 1, 0, 'e'}, {"cert", 1, 0, 'C'}, {"key", 1, 0, 'k'},
        {"ca", 1, 0, 'a'}, {"requests", 1, 0, 'r'}, {0},
    };
    for (int got; (got = getopt_long(count, words, "", known, NULL)) != -1;) switch (got) {
        case 'm': mode = !strcmp(optarg, "keep") ? KEEP : !strcmp(optarg, "first") ? FIRST : NEW; break;
        case 'p': port = atoi(optarg); break;
        case 'n': connections = atoi(optarg); break;
        case 'c': limit = atol(optarg); break;
        case 's': seconds = atof(optarg); break;
        case 'e': expected = atoi(optarg); break;
        case 'C': certificate = optarg; break;
        case 'k': key = optarg; break;
        case 'a': authority = optarg; break;
        case 'r': file = optarg; break;
        default: exit(2);
        }
    if (port < 1 || port > 65535) stop("a port is wanted:", "--port");
    if (connections < 1 || connections > MAX_CONNECTIONS) stop("too many or too few:", "--connections");
    if (limit < 1 || limit > MAX_COUNT) stop("too many or too few:", "--count");
    if (!(seconds > 0 && seconds <= MAX_SECONDS)) stop("too long or too short:", "--seconds");
    if (!file || (certificate && !(key && authority))) stop("wanted:", "--requests, and --key and --ca with --cert");
}

int main(int count, char **words) {
    read_options(count, words);
    alarm((unsigned)seconds + 3 * PATIENCE_SECONDS); /* whatever hangs, this program does not */
    signal(SIGPIPE, SIG_IGN);
    read_requests(file);
    if (certificate) context = make_context(certificate, key, authority);
    if (mode == FIRST) wait_for_first();
    else run();
    return 0;
}
