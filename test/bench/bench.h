/*
 * Benchmarks: each program measures one part and prints lines
 *
 *	figure | measured | budget | verdict
 *
 * CPU time, not the clock on the wall, so that a busy machine changes little; against a floor only
 * ratios of the same run.  Claims that are no figure (the same number of queries for more data) are
 * checked, and a program that finds one broken exits 1.
 */
#ifndef TEST_BENCH_H
#define TEST_BENCH_H
#include "store.h"

#include <sys/resource.h>
#include <time.h>

/* CPU time of this thread in ns, its share of the kernel included. */
static inline int64_t cpu_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
	return t.tv_sec * INT64_C(1000000000) + t.tv_nsec;
}

static inline void sort_times(double *v, int n)
{
	for (int i = 1; i < n; i++)
		for (int j = i; j > 0 && v[j - 1] > v[j]; j--) {
			double x = v[j];
			v[j] = v[j - 1];
			v[j - 1] = x;
		}
}

static inline double median(double *v, int n)
{
	sort_times(v, n);
	return v[n / 2];
}

/* A figure that must stay at or below its budget; 0 is a figure without one. */
static inline void at_most(const char *figure, double got, double budget, const char *unit)
{
	if (budget > 0)
		printf("%s | %.4g %s | <= %.4g | %s\n", figure, got, unit, budget,
			got <= budget ? "ok" : "over");
	else
		printf("%s | %.4g %s | - | -\n", figure, got, unit);
	fflush(stdout);
}

static inline void at_least(const char *figure, double got, double budget, const char *unit)
{
	printf("%s | %.4g %s | >= %.4g | %s\n", figure, got, unit, budget,
		got >= budget ? "ok" : "over");
	fflush(stdout);
}
#endif
