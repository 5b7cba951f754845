// The floor to measure against: pointer reports straight to a gadget's node, at a steady rate.
//
// hidwrite NODE RATE COUNT: report number n puts the pointer at (n, n), from 1; prints CLOCK_MONOTONIC in nanoseconds before
// each write, one a line.

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

static long long now(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec * 1000000000LL + t.tv_nsec;
}

int main(int count, char **words) {
    if (count != 4) return 2;
    int node = open(words[1], O_WRONLY);
    long long rate = atoll(words[2]), reports = atoll(words[3]), began = now();
    long long *times = calloc(reports, sizeof *times);
    if (node < 0 || !times) return 1;
    for (long long n = 0; n < reports; n++) {
        long long due = began + n * 1000000000LL / rate;
        struct timespec t = {due / 1000000000LL, due % 1000000000LL};
        clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &t, NULL);
        int place = (int)n + 1;
        unsigned char report[7] = {0, place & 255, place >> 8, place & 255, place >> 8, 0, 0};
        times[n] = now();
        if (write(node, report, sizeof report) != sizeof report) return 1;
    }
    for (long long n = 0; n < reports; n++) printf("%lld\n", times[n]);
    return 0;
}
