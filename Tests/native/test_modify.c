// SPDX-License-Identifier: GPL-2.0-or-later
/* What the verifier demands of functions that change the kernel: that all they do it with can be seen. */
#include <errno.h>
#include <string.h>

#include "run.h"

/* Registers of the function under test: an event as its parameter, then what it loads. */
enum { E0, I0, I1, S0, ANY, ANY1, PARTS, PARTS1, PARTS2 };

static const uint16_t masks[] = { AEVENT,
				  AINT,
				  AINT,
				  ASTR,
				  ANIL | AINT | ASTR,
				  AINT | ASTR,
				  AINT | ASTR,
				  AINT | ASTR,
				  AINT | ASTR,
				  0 };

enum argument { UNDECLARED, ANY_INTEGER, RANGE, CHOICE, ANY_STRING, STRINGS };

static struct assembly *world(enum argument argument)
{
	struct assembly *a = assembly_new();

	add_integer(a, 7);
	add_string(a, "kernel.panic");
	add_string(a, "on");
	add_global(a, AINT);
	switch (argument) {
	case UNDECLARED: break;
	case ANY_INTEGER: add_argument(a, KTAP_KIND_INT, INT64_MIN, INT64_MAX, 0, 0); break;
	case RANGE: add_argument(a, KTAP_KIND_INT, 2, 60, 0, 0); break;
	case CHOICE: add_argument(a, KTAP_KIND_INT, INT64_MIN, INT64_MAX, 0, 1); break;
	case ANY_STRING: add_argument(a, KTAP_KIND_STR, 0, 0, 0, 0); break;
	case STRINGS: add_argument(a, KTAP_KIND_STR, 0, 0, 0, 2); break;
	}
	add_probe(a, KTAP_PROBE_MAIN, begin(a, ANIL, 0, REGISTERS(AINT)), "", 0);
	OP(RETNIL, 0, 0, 0, 0);
	add_probe(a, KTAP_PROBE_EVENT, begin(a, ANIL, 1, masks), "a:b", 0);
	return a;
}

/* Ends the function under test and says whether the program is accepted. */
static void expect(struct assembly *a, const char *problem, const char *what)
{
	struct run *r;

	OP(RETNIL, 0, 0, 0, 0);
	r = load(a);
	CHECK((r->program == NULL) == (problem != NULL), "%s: %s", what, r->diagnostic.text);
	if (problem)
		CHECK(r->diagnostic.error == -ENOEXEC && strstr(r->diagnostic.text, problem),
		      "%s: %d %s", what, r->diagnostic.error, r->diagnostic.text);
	else if (r->program)
		CHECK(ktap_program_info(r->program)->needed_capabilities & KTAP_CAPABILITY_MODIFY,
		      "%s: capability", what);
	unload(r);
}

#define LIB(...) OP(LIB, __VA_ARGS__)
#define SIGNAL LIB(0, I0, 2, KTAP_LIB_SIGNAL)

static void test_constants(void)
{
	struct assembly *a = world(UNDECLARED);

	OP(LDI, I0, 0, 0, 77);
	OP(LDK, I1, 0, 0, 0);
	SIGNAL;
	expect(a, NULL, "constants");

	a = world(UNDECLARED);
	OP(LDI, I1, 0, 0, 9);
	SIGNAL;
	expect(a, NULL, "the zero that a register begins with");

	a = world(UNDECLARED);
	OP(LDI, I0, 0, 0, 77);
	OP(MOV, I1, I0, 0, 0);
	SIGNAL;
	expect(a, NULL, "a constant that is moved");

	a = world(UNDECLARED);
	OP(LDS, S0, 0, 0, 0);
	OP(MOVV, PARTS, S0, 0, 0);
	OP(LDI, I0, 0, 0, 3);
	OP(MOVV, PARTS1, I0, 0, 0);
	LIB(0, PARTS, 2, KTAP_LIB_PRINTK);
	LIB(0, 0, 0, KTAP_LIB_TRACING_OFF);
	expect(a, NULL, "printk and tracing_off");

	a = world(UNDECLARED);
	OP(LDI, I0, 0, 0, -1);
	OP(MOV, I1, I0, 0, 0);
	LIB(0, E0, 2, KTAP_LIB_SET_RETVAL);
	expect(a, NULL, "set_retval");
}

static void test_values(void)
{
	struct assembly *a = world(UNDECLARED);

	OP(LDI, I1, 0, 0, 9);
	LIB(I0, 0, 0, KTAP_LIB_PID);
	SIGNAL;
	expect(a, NULL, "signal to the current process");

	a = world(UNDECLARED);
	LIB(I1, 0, 0, KTAP_LIB_TID);
	SIGNAL;
	expect(a, "bounded arguments only", "the current thread as the signal");

	a = world(UNDECLARED);
	LIB(I0, 0, 0, KTAP_LIB_UID);
	SIGNAL;
	expect(a, "another library function", "a value of the library");

	a = world(UNDECLARED);
	OP(GETG, I0, 0, 0, 0);
	SIGNAL;
	expect(a, "another instruction", "a global");

	a = world(UNDECLARED);
	OP(LDI, I0, 0, 0, 70);
	OP(ADDI, I0, I0, 0, 7);
	SIGNAL;
	expect(a, "another instruction", "arithmetic");

	a = world(UNDECLARED);
	SIGNAL;
	OP(JMP, 0, 0, 0, -2);
	expect(a, "another instruction", "a loop");

	/* What the caller gives is not known. */
	a = world(UNDECLARED);
	OP(RETNIL, 0, 0, 0, 0);
	begin(a, ANIL, 2, REGISTERS(AINT, AINT));
	LIB(0, 0, 2, KTAP_LIB_SIGNAL);
	OP(RETNIL, 0, 0, 0, 0);
	begin(a, ANIL, 0, REGISTERS(AINT));
	expect(a, "bounded arguments only", "parameters");
}

static void test_arguments(void)
{
	static const struct {
		enum argument argument;
		const char *what, *problem;
	} cases[] = {
		{ UNDECLARED, "an argument that is not declared", "does not bound" },
		{ ANY_INTEGER, "any integer", "does not bound" },
		{ RANGE, "a range", NULL },
		{ CHOICE, "integers to choose from", NULL },
		{ ANY_STRING, "any string", "does not bound" },
		{ STRINGS, "strings to choose from", NULL },
	};
	unsigned int n;

	for (n = 0; n < sizeof(cases) / sizeof(*cases); n++) {
		struct assembly *a = world(cases[n].argument);

		OP(LDI, I0, 0, 0, 0);
		LIB(ANY, I0, 1, KTAP_LIB_ARG);
		OP(CHECK, PARTS, ANY, 0, KTAP_ERROR_KIND);
		LIB(0, PARTS, 1, KTAP_LIB_PRINTK);
		expect(a, cases[n].problem, cases[n].what);
	}
	for (n = 0; n < 3; n++) {
		struct assembly *a = world(RANGE);

		if (n == 0)
			OP(LDI, I0, 0, 0, 1);
		else if (n == 1)
			OP(LDI, I0, 0, 0, -1);
		else
			LIB(I0, 0, 0, KTAP_LIB_PID);
		LIB(ANY, I0, 1, KTAP_LIB_ARG);
		OP(CHECK, PARTS, ANY, 0, KTAP_ERROR_KIND);
		LIB(0, PARTS, 1, KTAP_LIB_PRINTK);
		expect(a, "does not bound", "an argument beyond the declared ones");
	}
}

static void test_reach(void)
{
	struct assembly *a = world(UNDECLARED);

	OP(LDS, S0, 0, 0, 0);
	LIB(0, S0, 2, KTAP_LIB_SYSCTL_SET);
	expect(a, "may be of a kind", "nil as the value of a parameter");

	a = world(UNDECLARED);
	OP(RETNIL, 0, 0, 0, 0);
	begin(a, ANIL, 0, REGISTERS(ASTR, AINT));
	OP(LDS, 0, 0, 0, 0);
	OP(LDI, 1, 0, 0, 1);
	LIB(0, 0, 2, KTAP_LIB_SYSCTL_SET);
	expect(a, NULL, "sysctl.set that no handler reaches");
}

void test_modify(void)
{
	test_constants();
	test_values();
	test_arguments();
	test_reach();
}
