/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Registers by architecture: where a function's arguments are when it is entered, and the names of
 * registers as the kernel's own probe events have them. Numbers of arguments count from 0.
 */
#ifndef KTAP_COMPAT_REGISTERS_H
#define KTAP_COMPAT_REGISTERS_H

#include <linux/ptrace.h>
#include <linux/stddef.h>

struct ktap_register {
	char name[8];
	u16 offset; /* in struct pt_regs */
};

#define KTAP_REGISTER(name, member) { name, offsetof(struct pt_regs, member) }

#if defined(CONFIG_X86_64)
#define KTAP_REGISTERS                                                                             \
	KTAP_REGISTER("ax", ax), KTAP_REGISTER("bx", bx), KTAP_REGISTER("cx", cx),                 \
	KTAP_REGISTER("dx", dx), KTAP_REGISTER("si", si), KTAP_REGISTER("di", di),                 \
	KTAP_REGISTER("bp", bp), KTAP_REGISTER("sp", sp), KTAP_REGISTER("r8", r8),                 \
	KTAP_REGISTER("r9", r9), KTAP_REGISTER("r10", r10), KTAP_REGISTER("r11", r11),             \
	KTAP_REGISTER("r12", r12), KTAP_REGISTER("r13", r13), KTAP_REGISTER("r14", r14),           \
	KTAP_REGISTER("r15", r15), KTAP_REGISTER("ip", ip), KTAP_REGISTER("flags", flags),         \
	KTAP_REGISTER("cs", cs), KTAP_REGISTER("ss", ss)
#define KTAP_ARGUMENT_REGISTERS                                                                    \
	offsetof(struct pt_regs, di), offsetof(struct pt_regs, si), offsetof(struct pt_regs, dx),  \
	offsetof(struct pt_regs, cx), offsetof(struct pt_regs, r8), offsetof(struct pt_regs, r9)
#define KTAP_ARGUMENT_STACK 1 /* words from the stack pointer to the first argument there */
#elif defined(CONFIG_X86)
#define KTAP_REGISTERS                                                                             \
	KTAP_REGISTER("ax", ax), KTAP_REGISTER("bx", bx), KTAP_REGISTER("cx", cx),                 \
	KTAP_REGISTER("dx", dx), KTAP_REGISTER("si", si), KTAP_REGISTER("di", di),                 \
	KTAP_REGISTER("bp", bp), KTAP_REGISTER("sp", sp), KTAP_REGISTER("ip", ip),                 \
	KTAP_REGISTER("flags", flags), KTAP_REGISTER("cs", cs), KTAP_REGISTER("ss", ss)
#define KTAP_ARGUMENT_REGISTERS                                                                    \
	offsetof(struct pt_regs, ax), offsetof(struct pt_regs, dx), offsetof(struct pt_regs, cx)
#define KTAP_ARGUMENT_STACK 1
#elif defined(CONFIG_ARM)
#define KTAP_REGISTERS                                                                             \
	KTAP_REGISTER("r", uregs[0]), KTAP_REGISTER("fp", ARM_fp), KTAP_REGISTER("ip", ARM_ip),    \
	KTAP_REGISTER("sp", ARM_sp), KTAP_REGISTER("lr", ARM_lr),                                  \
	KTAP_REGISTER("pc", ARM_pc), KTAP_REGISTER("cpsr", ARM_cpsr)
#define KTAP_REGISTERS_NUMBERED 11 /* the first entry's name with a number below this */
#define KTAP_ARGUMENT_REGISTERS 0, 4, 8, 12
#define KTAP_ARGUMENT_STACK 0
#elif defined(CONFIG_ARM64)
#define KTAP_REGISTERS                                                                             \
	KTAP_REGISTER("x", regs[0]), KTAP_REGISTER("sp", sp), KTAP_REGISTER("pc", pc),             \
	KTAP_REGISTER("lr", regs[30]), KTAP_REGISTER("pstate", pstate)
#define KTAP_REGISTERS_NUMBERED 31
#define KTAP_ARGUMENT_REGISTERS 0, 8, 16, 24, 32, 40, 48, 56
#define KTAP_ARGUMENT_STACK 0
#elif defined(CONFIG_PPC)
#define KTAP_REGISTERS                                                                             \
	KTAP_REGISTER("gpr", gpr[0]), KTAP_REGISTER("nip", nip), KTAP_REGISTER("msr", msr),        \
	KTAP_REGISTER("ctr", ctr), KTAP_REGISTER("link", link), KTAP_REGISTER("xer", xer),         \
	KTAP_REGISTER("ccr", ccr)
#define KTAP_REGISTERS_NUMBERED 32
#define KTAP_PPC(n) offsetof(struct pt_regs, gpr[n])
#define KTAP_ARGUMENT_REGISTERS                                                                    \
	KTAP_PPC(3), KTAP_PPC(4), KTAP_PPC(5), KTAP_PPC(6), KTAP_PPC(7), KTAP_PPC(8), KTAP_PPC(9), \
	KTAP_PPC(10)
#define KTAP_ARGUMENT_STACK (IS_ENABLED(CONFIG_PPC64) ? 12 : 2)
#elif defined(CONFIG_RISCV)
#define KTAP_REGISTERS                                                                             \
	KTAP_REGISTER("a0", a0), KTAP_REGISTER("a1", a1), KTAP_REGISTER("a2", a2),                 \
	KTAP_REGISTER("a3", a3), KTAP_REGISTER("a4", a4), KTAP_REGISTER("a5", a5),                 \
	KTAP_REGISTER("a6", a6), KTAP_REGISTER("a7", a7), KTAP_REGISTER("ra", ra),                 \
	KTAP_REGISTER("sp", sp), KTAP_REGISTER("gp", gp), KTAP_REGISTER("tp", tp),                 \
	KTAP_REGISTER("s0", s0), KTAP_REGISTER("s1", s1), KTAP_REGISTER("pc", epc)
#define KTAP_ARGUMENT_REGISTERS                                                                    \
	offsetof(struct pt_regs, a0), offsetof(struct pt_regs, a1), offsetof(struct pt_regs, a2),  \
	offsetof(struct pt_regs, a3), offsetof(struct pt_regs, a4), offsetof(struct pt_regs, a5),  \
	offsetof(struct pt_regs, a6), offsetof(struct pt_regs, a7)
#define KTAP_ARGUMENT_STACK 0
#else
#error "Kernel functions need the registers of this architecture"
#endif

#ifndef KTAP_REGISTERS_NUMBERED
#define KTAP_REGISTERS_NUMBERED 0
#endif

/* What a function returns, when its return is probed. */
static inline void ktap_set_result(struct pt_regs *regs, unsigned long value)
{
#if defined(CONFIG_ARM)
	regs->ARM_r0 = value;
#elif defined(CONFIG_RISCV)
	regs->a0 = value;
#else
	regs_set_return_value(regs, value);
#endif
}

static inline unsigned long ktap_register(const struct pt_regs *regs, unsigned int offset)
{
	return *(const unsigned long *)((const char *)regs + offset);
}

#endif
