// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * bench [FUNCTION COUNT]: speed of the interpreter. Without arguments: nanoseconds a step of some
 * loops and events, and the same loops in lua5.4 where there is one. With arguments: runs only
 * the one of that name COUNT times, for valgrind --tool=callgrind.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "home.h"

#define STEPS 10000000ll

static struct ktap_program *program;
static struct ktap_exec *main_exec, *probe_exec;

static const struct bench {
	const char *name;
	const char *lua; /* the same with STEPS steps, as Lua text */
} benches[] = {
	{ "empty event", NULL },
	{ "n += 1 event", NULL },
	{ "t[int] += 1 event", NULL },
	{ "t[string] += 1 event", NULL },
	{ "print(int) event", NULL },
	{ "loop", "local i,n=0,N while i<n do i=i+1 end" },
	{ "arithmetic", "local i,n,s=0,N,0 while i<n do s=(s+i*3)~(s>>1) i=i+1 end" },
	{ "calls", "local function f(x) return x+1 end local i,n=0,N while i<n do i=f(i) end" },
	{ "table", "local t={} local i,n=0,N while i<n do local k=i&255 t[k]=(t[k] or 0)+1 i=i+1 end" },
};

#define COUNT (sizeof(benches) / sizeof(*benches))
#define EVENTS 5

static void back(struct assembly *a, uint32_t loop)
{
	op(a, KTAP_OP_JLT, 0, 1, 0, (int32_t)loop - (int32_t)a->instruction_count - 1);
	OP(RETNIL, 0, 0, 0, 0);
}

static void build(struct assembly *a)
{
	uint32_t loop;

	add_global(a, ATABLE);
	add_global(a, ATABLE);
	add_global(a, AINT);
	add_table(a, AINT, 1, AINT, 0, 0, 0);
	add_table(a, AINT, 1, ASTR, 0, 0, 0);
	add_format(a, 1);
	add_integer(a, STEPS);
	add_probe(a, KTAP_PROBE_MAIN, begin(a, ANIL, 0, REGISTERS(ATABLE)), "", 0);
	OP(TNEW, 0, 0, 0, 0);
	OP(SETG, 0, 0, 0, 0);
	OP(TNEW, 0, 0, 0, 1);
	OP(SETG, 0, 0, 0, 1);
	OP(RETNIL, 0, 0, 0, 0);
	/* events */
	begin(a, ANIL, 1, REGISTERS(AEVENT));
	OP(RETNIL, 0, 0, 0, 0);
	begin(a, ANIL, 1, REGISTERS(AEVENT, AINT));
	OP(LDI, 1, 0, 0, 1);
	OP(ADDG, 1, 0, 0, 2);
	OP(RETNIL, 0, 0, 0, 0);
	begin(a, ANIL, 1, REGISTERS(AEVENT, AINT, AINT, ATABLE));
	OP(GETG, 3, 0, 0, 0);
	OP(LIB, 2, 0, 0, KTAP_LIB_PID);
	OP(LDI, 1, 0, 0, 1);
	OP(TADD, 3, 1, 2, 1);
	OP(RETNIL, 0, 0, 0, 0);
	begin(a, ANIL, 1, REGISTERS(AEVENT, AINT, ASTR, ATABLE));
	OP(GETG, 3, 0, 0, 1);
	OP(LIB, 2, 0, 0, KTAP_LIB_EXECNAME);
	OP(LDI, 1, 0, 0, 1);
	OP(TADD, 3, 1, 2, 1);
	OP(RETNIL, 0, 0, 0, 0);
	begin(a, ANIL, 1, REGISTERS(AEVENT, AINT));
	OP(LIB, 1, 0, 0, KTAP_LIB_PID);
	OP(EMIT, 0, 1, 1, 0);
	OP(RETNIL, 0, 0, 0, 0);
	/* loops: r0 counts to r1 */
	begin(a, ANIL, 0, REGISTERS(AINT, AINT));
	OP(LDK, 1, 0, 0, 0);
	loop = OP(ADDI, 0, 0, 0, 1);
	back(a, loop);
	begin(a, ANIL, 0, REGISTERS(AINT, AINT, AINT, AINT, AINT));
	OP(LDK, 1, 0, 0, 0);
	loop = OP(MULI, 3, 0, 0, 3);
	OP(ADD, 3, 2, 3, 0);
	OP(SHRI, 4, 2, 0, 1);
	OP(XOR, 2, 3, 4, 0);
	OP(ADDI, 0, 0, 0, 1);
	back(a, loop);
	begin(a, ANIL, 0, REGISTERS(AINT, AINT));
	OP(LDK, 1, 0, 0, 0);
	loop = OP(CALL, 0, 0, 1, COUNT + 1);
	back(a, loop);
	begin(a, ANIL, 0, REGISTERS(AINT, AINT, ATABLE, AINT, AINT));
	OP(LDK, 1, 0, 0, 0);
	OP(GETG, 2, 0, 0, 0);
	OP(LDI, 4, 0, 0, 1);
	loop = OP(ANDI, 3, 0, 0, 255);
	OP(TADD, 2, 4, 3, 1);
	OP(ADDI, 0, 0, 0, 1);
	back(a, loop);
	begin(a, AINT, 1, REGISTERS(AINT));
	OP(ADDI, 0, 0, 0, 1);
	OP(RET, 0, 0, 0, 0);
}

static double seconds(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

static void run(size_t n, long long count)
{
	if (n < EVENTS)
		while (count--)
			ktap_run(probe_exec, program, (uint32_t)n + 1, &test_event.event);
	else
		while (count--)
			ktap_run(main_exec, program, (uint32_t)n + 1, NULL);
}

static double lua(const char *text)
{
	char command[512];
	FILE *f;
	double time = 0;

	snprintf(command, sizeof(command),
		 "lua5.4 -e 'local N=%lld local c=os.clock() do %s end print(os.clock()-c)' 2>/dev/null",
		 STEPS, text);
	f = popen(command, "r");
	if (!f || fscanf(f, "%lf", &time) != 1)
		time = 0;
	if (f)
		pclose(f);
	return time;
}

int main(int argc, char **argv)
{
	struct assembly *a = assembly_new();
	struct output *output = output_new();
	struct ktap_diagnostic why;
	size_t length;
	uint8_t *data;

	a->main_fuel = KTAP_MAX_MAIN_FUEL;
	build(a);
	data = finish(a, &length);
	program = ktap_program_load(data, length, &fuzz_home, &why);
	if (!program) {
		printf("%s\n", why.text);
		return 1;
	}
	output->keep = false;
	main_exec = ktap_exec_new(KTAP_EXEC_MAIN);
	probe_exec = ktap_exec_new(KTAP_EXEC_PROBE);
	ktap_exec_set_owner(main_exec, output);
	ktap_exec_set_owner(probe_exec, output);
	ktap_run(main_exec, program, 0, NULL);
	for (size_t n = 0; n < COUNT; n++) {
		double start, own, other;

		if (argc > 1 && strcmp(argv[1], benches[n].name))
			continue;
		if (argc > 2) {
			run(n, atoll(argv[2]));
			continue;
		}
		start = seconds();
		run(n, n < EVENTS ? STEPS / 10 : 1);
		own = seconds() - start;
		printf("%-22s %7.1f ns", benches[n].name, own * 1e9 / (n < EVENTS ? STEPS / 10 : STEPS));
		other = benches[n].lua ? lua(benches[n].lua) : 0;
		if (other > 0)
			printf("   lua5.4 %7.1f ns, ratio %.2f", other * 1e9 / STEPS, own / other);
		printf("\n");
	}
	ktap_exec_free(main_exec);
	ktap_exec_free(probe_exec);
	ktap_program_free(program);
	output_free(output);
	assembly_free(a);
	free(data);
	return 0;
}
