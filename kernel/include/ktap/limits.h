/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Limits of the format and of the virtual machine; docs/bundle-format.md lists them. */
#ifndef KTAP_LIMITS_H
#define KTAP_LIMITS_H

#define KTAP_MAX_BUNDLE (4u << 20) /* bytes of a whole bundle file */
#define KTAP_MAX_INSNS 65536u /* of a program */
#define KTAP_MAX_FUNCTIONS 1024u
#define KTAP_MAX_REGISTERS 240u /* of one function */
#define KTAP_MAX_PARAMETERS 16u
#define KTAP_MAX_GLOBALS 1024u
#define KTAP_MAX_TABLES 1024u /* table sites */
#define KTAP_MAX_FIELDS 1024u /* field references */
#define KTAP_MAX_PROBES 256u
#define KTAP_MAX_FORMATS 1024u
#define KTAP_MAX_INTEGERS 16384u
#define KTAP_MAX_STRINGS 16384u
#define KTAP_MAX_ARGUMENTS 16u
#define KTAP_MAX_KEY_PARTS 4u
#define KTAP_MAX_EMIT 32u /* values in one print or printf */
#define KTAP_MAX_LIST 32u /* values in the list: variable arguments, results */
#define KTAP_MAX_BUCKETS 128u /* buckets of lhist, without the two for what lies outside */
#define KTAP_MAX_FRAMES 64u /* return addresses in a stack */

#define KTAP_MAX_STRING 4096u /* policy.string_limit may not exceed it */
#define KTAP_MAX_KEY 512u /* policy.key_limit may not exceed it */
#define KTAP_MAX_MEMORY (64u << 20) /* policy.memory may not exceed it */
#define KTAP_MAX_PROBE_FUEL 100000u
#define KTAP_MAX_MAIN_FUEL 10000000000ull

#define KTAP_DEFAULT_STRING 255u
#define KTAP_DEFAULT_KEY 128u
#define KTAP_DEFAULT_MEMORY (1u << 20)
#define KTAP_DEFAULT_PROBE_FUEL 10000u
#define KTAP_DEFAULT_MAIN_FUEL 100000000ull
#define KTAP_DEFAULT_RING (256u << 10) /* bytes a CPU */
#define KTAP_MAX_RING (16u << 20)

#define KTAP_PROBE_DEPTH 32u /* calls deep in a probe */
#define KTAP_MAIN_DEPTH 256u /* calls deep in top-level code, timers and trace_end */
#define KTAP_PROBE_REGISTERS 512u /* register slots of all frames in a probe */
#define KTAP_MAIN_REGISTERS 8192u
#define KTAP_PROBE_ARENA (8u << 10) /* bytes of strings of one event */
#define KTAP_MAIN_ARENA (64u << 10) /* of strings that live on; the others make room for new ones */

#endif
