/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Where a process begins on a board, and how it calls the kernel:
 *
 *	_start			hands the initial stack to cagent_begin()
 *	cagent_syscall		long (long number, ...); the arguments move one place up, the number goes
 *				where the kernel wants it
 *	cagent_sigreturn	where a signal handler returns to, where the kernel does not provide that itself
 */
#include <features.h>
#include <sys/syscall.h>

#ifndef __GLIBC__
	.text
	.globl _start, cagent_syscall

#if defined(__x86_64__)
_start:
	xorl %ebp, %ebp
	movq %rsp, %rdi
	andq $-16, %rsp
	call cagent_begin

cagent_syscall:
	movq %rdi, %rax
	movq %rsi, %rdi
	movq %rdx, %rsi
	movq %rcx, %rdx
	movq %r8, %r10
	movq %r9, %r8
	movq 8(%rsp), %r9
	syscall
	ret

#elif defined(__i386__)
_start:
	xorl %ebp, %ebp
	movl %esp, %eax
	andl $-16, %esp
	subl $12, %esp
	pushl %eax
	call cagent_begin

cagent_syscall:
	pushl %ebp
	pushl %edi
	pushl %esi
	pushl %ebx
	movl 20(%esp), %eax
	movl 24(%esp), %ebx
	movl 28(%esp), %ecx
	movl 32(%esp), %edx
	movl 36(%esp), %esi
	movl 40(%esp), %edi
	movl 44(%esp), %ebp
	int $0x80
	popl %ebx
	popl %esi
	popl %edi
	popl %ebp
	ret

#elif defined(__arm__)
	.syntax unified
	.thumb
	.type _start, %function
	.type cagent_syscall, %function
	.thumb_func
_start:
	mov r0, sp
	bic r1, r0, #7
	mov sp, r1
	bl cagent_begin

	.thumb_func
cagent_syscall:
	push {r4-r7}
	mov r7, r0
	mov r0, r1
	mov r1, r2
	mov r2, r3
	ldr r3, [sp, #16]
	ldr r4, [sp, #20]
	ldr r5, [sp, #24]
	svc #0
	pop {r4-r7}
	bx lr

	/* Where a division by 0 goes; Swift has asked before it divides. */
	.globl __aeabi_idiv0, __aeabi_ldiv0
	.type __aeabi_idiv0, %function
	.type __aeabi_ldiv0, %function
	.thumb_func
__aeabi_idiv0:
	.thumb_func
__aeabi_ldiv0:
	udf #0

#elif defined(__aarch64__)
_start:
	mov x29, #0
	mov x30, #0
	mov x0, sp
	and sp, x0, #-16
	bl cagent_begin

cagent_syscall:
	mov x8, x0
	mov x0, x1
	mov x1, x2
	mov x2, x3
	mov x3, x4
	mov x4, x5
	mov x5, x6
	svc #0
	ret

#elif defined(__powerpc__) && !defined(__powerpc64__)
_start:
	mr 3, 1
	rlwinm 1, 1, 0, 0, 27
	li 0, 0
	stwu 0, -16(1)
	bl cagent_begin

cagent_syscall:
	mr 0, 3
	mr 3, 4
	mr 4, 5
	mr 5, 6
	mr 6, 7
	mr 7, 8
	mr 8, 9
	sc
	bnslr
	neg 3, 3
	blr

#elif defined(__powerpc64__) && _CALL_ELF == 2
	.type cagent_syscall, @function
_start:
	lis 2, .TOC.@ha
	addi 2, 2, .TOC.@l
	mr 3, 1
	clrrdi 1, 1, 4
	li 0, 0
	stdu 0, -32(1)
	bl cagent_begin
	nop

cagent_syscall:
	mr 0, 3
	mr 3, 4
	mr 4, 5
	mr 5, 6
	mr 6, 7
	mr 7, 8
	mr 8, 9
	sc
	bnslr
	neg 3, 3
	blr

#else
#error "no system calls for this processor yet"
#endif
#endif

#if defined(__x86_64__) || defined(__i386__)
	.text
	.globl cagent_sigreturn
cagent_sigreturn:
	movl $__NR_rt_sigreturn, %eax
#ifdef __x86_64__
	syscall
#else
	int $0x80
#endif
#endif

	.section .note.GNU-stack, "", %progbits
