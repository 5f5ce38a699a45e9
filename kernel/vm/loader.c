// SPDX-License-Identifier: GPL-2.0-or-later
/* Loading: from the sections of a bundle to a program in the machine's byte order. */
#include "loader.h"
#include "pool.h"

#define F16(p, type, field) ktap_le16((p) + offsetof(struct type, field))
#define F32(p, type, field) ktap_le32((p) + offsetof(struct type, field))
#define F64(p, type, field) ktap_le64((p) + offsetof(struct type, field))

/* What a section is made of. */
static const struct {
	uint32_t size; /* bytes of an element; 0: not made of elements */
	uint32_t most;
	const char *name;
} shapes[KTAP_SECTION_LAST + 1] = {
	[KTAP_SECTION_MANIFEST] = { 0, 0, "manifest" },
	[KTAP_SECTION_POLICY] = { 0, 0, "policy" },
	[KTAP_SECTION_INTEGERS] = { 8, KTAP_MAX_INTEGERS, "integer" },
	[KTAP_SECTION_STRINGS] = { sizeof(struct ktap_file_text), KTAP_MAX_STRINGS, "string" },
	[KTAP_SECTION_GLOBALS] = { sizeof(struct ktap_file_global), KTAP_MAX_GLOBALS, "global" },
	[KTAP_SECTION_TABLES] = { sizeof(struct ktap_file_table), KTAP_MAX_TABLES, "table" },
	[KTAP_SECTION_FUNCTIONS] = { sizeof(struct ktap_file_function), KTAP_MAX_FUNCTIONS,
				     "function" },
	[KTAP_SECTION_REGISTERS] = { 2, KTAP_MAX_FUNCTIONS * KTAP_MAX_REGISTERS, "register" },
	[KTAP_SECTION_CODE] = { 8, KTAP_MAX_INSNS, "code" },
	[KTAP_SECTION_FIELDS] = { sizeof(struct ktap_file_field), KTAP_MAX_FIELDS, "field" },
	[KTAP_SECTION_PROBES] = { sizeof(struct ktap_file_probe), KTAP_MAX_PROBES, "probe" },
	[KTAP_SECTION_FORMATS] = { sizeof(struct ktap_file_format), KTAP_MAX_FORMATS, "format" },
	[KTAP_SECTION_LINES] = { 4, KTAP_MAX_INSNS, "line" },
};

static uint32_t count_of(const struct ktap_sections *s, uint32_t kind)
{
	return shapes[kind].size ? s->length[kind] / shapes[kind].size : 0;
}

static const uint8_t *element(const struct ktap_sections *s, uint32_t kind, uint32_t index)
{
	return s->data[kind] + (size_t)index * shapes[kind].size;
}

static int check_counts(const struct ktap_sections *s, struct ktap_diagnostic *d)
{
	uint32_t kind;

	for (kind = 1; kind <= KTAP_SECTION_LAST; kind++) {
		if (!shapes[kind].size)
			continue;
		if (s->length[kind] % shapes[kind].size)
			return ktap_refuse(d, -EBADMSG, "the %s section has an impossible length",
					   shapes[kind].name);
		if (count_of(s, kind) > shapes[kind].most)
			return ktap_refuse(d, -ERANGE, "the %s section has %u entries, more than %u",
					   shapes[kind].name, count_of(s, kind), shapes[kind].most);
	}
	if (count_of(s, KTAP_SECTION_LINES) != count_of(s, KTAP_SECTION_CODE))
		return ktap_refuse(d, -EBADMSG, "the line section does not match the code section");
	return 0;
}

/* One allocation holds everything: measured with base NULL, then given out. */
struct carving {
	uint8_t *base;
	size_t used;
};

static void *carve(struct carving *c, size_t count, size_t size)
{
	void *p = c->base ? c->base + c->used : NULL;

	c->used += (count * size + 7) & ~(size_t)7;
	return p;
}

struct parts {
	struct carving carving;
	uint16_t *masks;
	uint8_t *kinds;
	int64_t *integers;
	uint8_t *strings; /* the blocks */
	uint8_t *globals; /* the blocks of their strings */
	uint8_t *bits; /* field sets of the handlers */
	char *texts;
};

static size_t string_size(size_t length)
{
	return (sizeof(struct ktap_string) + length + 1 + 7) & ~(size_t)7;
}

/* Bytes of all copies of texts; a text that is not there is found when it is read. */
static size_t texts_size(const struct ktap_sections *s)
{
	size_t size = 0;
	uint32_t n, length;

	for (n = 0; n < 3; n++)
		if (ktap_text_bytes(s, s->data[KTAP_SECTION_MANIFEST] + 8 * n, &length))
			size += length <= 255 ? length + 1 : 0;
	for (n = 0; n < count_of(s, KTAP_SECTION_FIELDS); n++)
		if (ktap_text_bytes(s, element(s, KTAP_SECTION_FIELDS, n), &length))
			size += length <= 255 ? length + 1 : 0;
	for (n = 0; n < count_of(s, KTAP_SECTION_PROBES); n++)
		if (ktap_text_bytes(s, element(s, KTAP_SECTION_PROBES, n) +
					       offsetof(struct ktap_file_probe, event),
				    &length))
			size += length <= 255 ? length + 1 : 0;
	return size;
}

/* Reserves the arrays of the program; p is the program itself or, measuring, a copy of it. */
static void lay_out(struct ktap_program *p, const struct ktap_sections *s, struct parts *parts,
		    size_t strings, uint32_t string_globals)
{
	struct carving *c = &parts->carving;
	uint32_t registers = count_of(s, KTAP_SECTION_REGISTERS);
	uint32_t probes = count_of(s, KTAP_SECTION_PROBES);

	c->used = 0;
	carve(c, 1, sizeof(*p));
	p->functions = carve(c, count_of(s, KTAP_SECTION_FUNCTIONS), sizeof(*p->functions));
	p->strings = carve(c, count_of(s, KTAP_SECTION_STRINGS), sizeof(*p->strings));
	p->globals = carve(c, count_of(s, KTAP_SECTION_GLOBALS), sizeof(*p->globals));
	p->sites = carve(c, count_of(s, KTAP_SECTION_TABLES), sizeof(*p->sites));
	p->linear = carve(c, count_of(s, KTAP_SECTION_TABLES), sizeof(*p->linear));
	p->fields = carve(c, count_of(s, KTAP_SECTION_FIELDS), sizeof(*p->fields));
	p->probes = carve(c, probes, sizeof(*p->probes));
	p->handlers = carve(c, probes, sizeof(*p->handlers));
	p->format_values = carve(c, count_of(s, KTAP_SECTION_FORMATS), 1);
	p->code = carve(c, count_of(s, KTAP_SECTION_CODE), sizeof(*p->code));
	p->lines = carve(c, count_of(s, KTAP_SECTION_LINES), sizeof(*p->lines));
	p->policy_arguments = carve(c, p->policy_argument_count, sizeof(*p->policy_arguments));
	parts->masks = carve(c, registers, 2);
	parts->kinds = carve(c, registers + KTAP_FRAME_SLACK, 1);
	parts->integers = carve(c, count_of(s, KTAP_SECTION_INTEGERS), 8);
	parts->strings = carve(c, strings, 1);
	parts->globals = carve(c, string_globals, string_size(p->info.string_limit));
	parts->bits = carve(c, probes, (count_of(s, KTAP_SECTION_FIELDS) + 7) / 8);
	parts->texts = carve(c, texts_size(s), 1);
}

/* Bytes of the string constants' blocks. Many may share text: so their sum has a bound. */
static int measure_strings(const struct ktap_sections *s, size_t *size, struct ktap_diagnostic *d)
{
	uint32_t n, length;

	*size = 0;
	for (n = 0; n < count_of(s, KTAP_SECTION_STRINGS); n++) {
		if (!ktap_text_bytes(s, element(s, KTAP_SECTION_STRINGS, n), &length))
			return ktap_refuse(d, -EBADMSG, "string constant %u lies outside of the text", n);
		if (length > KTAP_MAX_STRING)
			return ktap_refuse(d, -ERANGE, "string constant %u is longer than %u bytes", n,
					   KTAP_MAX_STRING);
		*size += string_size(length);
		if (*size > KTAP_MAX_BUNDLE)
			return ktap_refuse(d, -ERANGE, "the string constants need more than %u bytes",
					   KTAP_MAX_BUNDLE);
	}
	return 0;
}

static void load_constants(struct ktap_program *p, const struct ktap_sections *s,
			   struct parts *parts)
{
	const uint8_t *bytes;
	uint8_t *block = parts->strings;
	uint32_t n, length;

	p->integer_count = count_of(s, KTAP_SECTION_INTEGERS);
	for (n = 0; n < p->integer_count; n++)
		parts->integers[n] = (int64_t)ktap_le64(element(s, KTAP_SECTION_INTEGERS, n));
	p->integers = parts->integers;

	p->string_count = count_of(s, KTAP_SECTION_STRINGS);
	for (n = 0; n < p->string_count; n++) {
		struct ktap_string *string = (struct ktap_string *)block;

		bytes = ktap_text_bytes(s, element(s, KTAP_SECTION_STRINGS, n), &length);
		string->length = length;
		memcpy(string->bytes, bytes, length);
		p->strings[n] = string;
		block += string_size(length);
	}
}

static uint8_t lowest_kind(uint32_t mask)
{
	uint8_t kind = 0;

	while (!(mask >> kind & 1))
		kind++;
	return kind;
}

static bool is_mask(uint32_t mask, uint32_t within)
{
	return mask && !(mask & ~within);
}

static int load_globals(struct ktap_program *p, const struct ktap_sections *s,
			struct parts *parts, struct ktap_diagnostic *d)
{
	uint8_t *block = parts->globals;
	uint32_t n, length;

	p->global_count = count_of(s, KTAP_SECTION_GLOBALS);
	for (n = 0; n < p->global_count; n++) {
		const uint8_t *file = element(s, KTAP_SECTION_GLOBALS, n);
		struct ktap_global *g = &p->globals[n];

		g->mask = F16(file, ktap_file_global, mask);
		if (!is_mask(g->mask, KTAP_MASK_STORABLE) ||
		    F16(file, ktap_file_global, reserved) || !ktap_text_bytes(s, file, &length))
			return ktap_refuse(d, -EBADMSG, "global %u is not well-formed", n);
		g->kind = lowest_kind(g->mask);
		g->zero_kind = g->kind;
		g->object = (g->mask & ~KTAP_MASK_NIL) == KTAP_MASK_TABLE ||
			    (g->mask & ~KTAP_MASK_NIL) == KTAP_MASK_FUNCTION;
		if (g->object)
			g->kind = lowest_kind(g->mask & ~KTAP_MASK_NIL);
		g->atomic = g->object || g->mask == KTAP_MASK_INT || g->mask == KTAP_MASK_BOOL;
		ktap_lock_init(&g->lock);
		if (g->mask & KTAP_MASK_STR) {
			g->string = (struct ktap_string *)block;
			block += string_size(p->info.string_limit);
		}
	}
	return 0;
}

/* What the aggregates of a site keep; false when it is not well-formed. */
static bool load_aggregate(struct ktap_site *site, struct ktap_linear *linear, const uint8_t *file)
{
	uint64_t low = F64(file, ktap_file_table, low), high = F64(file, ktap_file_table, high);
	uint64_t step = F64(file, ktap_file_table, step), rest = high - low;

	site->keeps = file[offsetof(struct ktap_file_table, aggregate)];
	if (site->keeps & ~(KTAP_AGGREGATE_SQUARES | KTAP_AGGREGATE_HIST | KTAP_AGGREGATE_LHIST) ||
	    (site->keeps && site->value != KTAP_MASK_AGGREGATE))
		return false;
	if (!(site->keeps & KTAP_AGGREGATE_LHIST))
		return !low && !high && !step;
	if ((int64_t)low >= (int64_t)high || (int64_t)step <= 0)
		return false;
	linear->low = (int64_t)low;
	linear->step = step;
	for (linear->steps = 1; rest > step; rest -= step)
		if (++linear->steps > KTAP_MAX_BUCKETS)
			return false;
	return true;
}

static int load_tables(struct ktap_program *p, const struct ktap_sections *s,
		       struct ktap_diagnostic *d)
{
	uint32_t n, part;

	p->site_count = count_of(s, KTAP_SECTION_TABLES);
	for (n = 0; n < p->site_count; n++) {
		const uint8_t *file = element(s, KTAP_SECTION_TABLES, n);
		uint32_t parts = file[offsetof(struct ktap_file_table, key_parts)];
		uint16_t value = F16(file, ktap_file_table, value);
		bool good = parts >= 1 && parts <= KTAP_MAX_KEY_PARTS &&
			    !F32(file, ktap_file_table, reserved) &&
			    (is_mask(value, KTAP_MASK_STORABLE) || value == KTAP_MASK_AGGREGATE);

		for (part = 0; good && part < KTAP_MAX_KEY_PARTS; part++) {
			uint16_t key = ktap_le16(file + 2 * part);

			good = part < parts ? is_mask(key, KTAP_MASK_KEY) : key == 0;
			p->sites[n].keys[part] = key;
		}
		p->sites[n].parts = (uint8_t)parts;
		p->sites[n].value = value;
		p->sites[n].index = (uint16_t)n;
		if (!good || !load_aggregate(&p->sites[n], &p->linear[n], file))
			return ktap_refuse(d, -EBADMSG, "table site %u is not well-formed", n);
	}
	return 0;
}

/* Functions lie one behind the other, in code and in registers, without gaps. */
static int load_functions(struct ktap_program *p, const struct ktap_sections *s,
			  struct parts *parts, struct ktap_diagnostic *d)
{
	uint32_t code = 0, registers = 0, n, length;

	p->info.function_count = count_of(s, KTAP_SECTION_FUNCTIONS);
	p->info.instruction_count = count_of(s, KTAP_SECTION_CODE);
	for (n = 0; n < p->info.function_count; n++) {
		const uint8_t *file = element(s, KTAP_SECTION_FUNCTIONS, n);
		struct ktap_function *f = &p->functions[n];

		f->first_instruction = F32(file, ktap_file_function, first_instruction);
		f->instruction_count = F32(file, ktap_file_function, instruction_count);
		f->register_count = F16(file, ktap_file_function, register_count);
		f->parameter_count = F16(file, ktap_file_function, parameter_count);
		f->result = F16(file, ktap_file_function, result);
		f->flags = F16(file, ktap_file_function, flags);
		f->code = p->code + code;
		f->masks = parts->masks + registers;
		f->kinds = parts->kinds + registers;
		if (!ktap_text_bytes(s, file, &length) ||
		    f->first_instruction != code || !f->instruction_count ||
		    f->instruction_count > p->info.instruction_count - code ||
		    F32(file, ktap_file_function, first_register) != registers ||
		    f->register_count > KTAP_MAX_REGISTERS ||
		    f->register_count > count_of(s, KTAP_SECTION_REGISTERS) - registers ||
		    f->parameter_count > KTAP_MAX_PARAMETERS ||
		    f->parameter_count > f->register_count || !is_mask(f->result, KTAP_MASK_ANY) ||
		    f->flags & ~(KTAP_FUNCTION_VARIADIC | KTAP_FUNCTION_CLOSURE))
			return ktap_refuse(d, -EBADMSG, "function %u is not well-formed", n);
		code += f->instruction_count;
		registers += f->register_count;
	}
	if (code != p->info.instruction_count || registers != count_of(s, KTAP_SECTION_REGISTERS))
		return ktap_refuse(d, -EBADMSG, "code or registers belong to no function");
	return 0;
}

static int load_code(struct ktap_program *p, const struct ktap_sections *s, struct parts *parts,
		     struct ktap_diagnostic *d)
{
	uint32_t n;

	for (n = 0; n < count_of(s, KTAP_SECTION_REGISTERS); n++) {
		uint16_t mask = ktap_le16(element(s, KTAP_SECTION_REGISTERS, n));

		if (!is_mask(mask, KTAP_MASK_ANY))
			return ktap_refuse(d, -EBADMSG, "register %u has an impossible kind mask", n);
		parts->masks[n] = mask;
		parts->kinds[n] = lowest_kind(mask);
	}
	for (n = 0; n < p->info.function_count; n++) {
		const struct ktap_function *f = &p->functions[n];

		if (f->flags & KTAP_FUNCTION_CLOSURE &&
		    (!f->parameter_count || f->masks[0] != KTAP_MASK_TABLE))
			return ktap_refuse(d, -EBADMSG, "function %u is a closure without a table", n);
	}
	for (n = 0; n < p->info.instruction_count; n++) {
		const uint8_t *file = element(s, KTAP_SECTION_CODE, n);

		p->code[n].op = file[0];
		p->code[n].a = file[1];
		p->code[n].b = file[2];
		p->code[n].c = file[3];
		p->code[n].imm = (int32_t)ktap_le32(file + 4);
		p->lines[n] = ktap_le32(element(s, KTAP_SECTION_LINES, n));
	}
	return 0;
}

static int load_formats(struct ktap_program *p, const struct ktap_sections *s,
			struct ktap_diagnostic *d)
{
	uint32_t n, length;

	p->info.format_count = count_of(s, KTAP_SECTION_FORMATS);
	for (n = 0; n < p->info.format_count; n++) {
		const uint8_t *file = element(s, KTAP_SECTION_FORMATS, n);
		uint32_t kind = F32(file, ktap_file_format, kind);
		uint32_t count = F32(file, ktap_file_format, value_count);

		if (kind < KTAP_FORMAT_PRINT || kind > KTAP_FORMAT_PRINT_LIST ||
		    count > (kind == KTAP_FORMAT_PRINT_LIST ? 0 : KTAP_MAX_EMIT) ||
		    !ktap_text_bytes(s, file + offsetof(struct ktap_file_format, text), &length) ||
		    length > KTAP_MAX_STRING || (kind != KTAP_FORMAT_PRINTF && length))
			return ktap_refuse(d, -EBADMSG, "format %u is not well-formed", n);
		p->format_values[n] = kind == KTAP_FORMAT_PRINT_LIST ? KTAP_FORMAT_LIST : (uint8_t)count;
	}
	return 0;
}

static int fill_in(struct ktap_program *p, const struct ktap_sections *s, struct parts *parts,
		   struct ktap_diagnostic *d)
{
	uint32_t n, set = (count_of(s, KTAP_SECTION_FIELDS) + 7) / 8;
	int error;

	memcpy(p->info.sha256, s->sha256, sizeof(p->info.sha256));
	load_constants(p, s, parts);
	error = load_globals(p, s, parts, d);
	if (!error)
		error = load_tables(p, s, d);
	if (!error)
		error = load_functions(p, s, parts, d);
	if (!error)
		error = load_code(p, s, parts, d);
	if (!error)
		error = load_formats(p, s, d);
	p->info.field_count = count_of(s, KTAP_SECTION_FIELDS);
	p->info.probe_count = count_of(s, KTAP_SECTION_PROBES);
	if (!error)
		error = ktap_load_policy(p, s, d);
	if (!error)
		error = ktap_load_names(p, s, parts->texts, d);
	for (n = 0; n < p->info.probe_count; n++)
		p->handlers[n].fields = parts->bits + (size_t)n * set;
	return error;
}

/* Globals that may hold a string have room for one of their own. */
static uint32_t count_string_globals(const struct ktap_sections *s)
{
	uint32_t n, count = 0;

	for (n = 0; n < count_of(s, KTAP_SECTION_GLOBALS); n++)
		if (F16(element(s, KTAP_SECTION_GLOBALS, n), ktap_file_global, mask) & KTAP_MASK_STR)
			count++;
	return count;
}

/* The two sections that are single structures; their sizes decide what is reserved. */
static int check_heads(const struct ktap_sections *s, uint32_t *arguments, uint32_t *string_limit,
		       struct ktap_diagnostic *d)
{
	const uint8_t *policy = s->data[KTAP_SECTION_POLICY];

	if (s->length[KTAP_SECTION_MANIFEST] != sizeof(struct ktap_file_manifest))
		return ktap_refuse(d, -EBADMSG, "the manifest section has an impossible length");
	if (s->length[KTAP_SECTION_POLICY] < sizeof(struct ktap_file_policy))
		return ktap_refuse(d, -EBADMSG, "the policy section has an impossible length");
	*arguments = F32(policy, ktap_file_policy, argument_count);
	if (*arguments > KTAP_MAX_ARGUMENTS)
		return ktap_refuse(d, -ERANGE, "the policy has %u arguments, more than %u", *arguments,
				   KTAP_MAX_ARGUMENTS);
	if (s->length[KTAP_SECTION_POLICY] !=
	    sizeof(struct ktap_file_policy) + *arguments * sizeof(struct ktap_file_argument))
		return ktap_refuse(d, -EBADMSG, "the policy section has an impossible length");
	*string_limit = F32(policy, ktap_file_policy, string_limit);
	if (*string_limit < 1 || *string_limit > KTAP_MAX_STRING)
		return ktap_refuse(d, -ERANGE, "the string limit is %u, not within 1 .. %u",
				   *string_limit, KTAP_MAX_STRING);
	return 0;
}

static struct ktap_program *load(const struct ktap_sections *s, const struct ktap_home *home,
				 struct ktap_diagnostic *d)
{
	struct ktap_program *p;
	struct parts parts;
	uint32_t arguments = 0, string_limit = 0, string_globals;
	size_t strings;

	if (check_counts(s, d) || check_heads(s, &arguments, &string_limit, d) ||
	    measure_strings(s, &strings, d))
		return NULL;
	string_globals = count_string_globals(s);
	memset(&parts, 0, sizeof(parts));
	p = ktap_alloc(sizeof(*p)); /* to measure with: too large for the stack */
	if (p) {
		p->policy_argument_count = arguments;
		p->info.string_limit = string_limit;
		lay_out(p, s, &parts, strings, string_globals);
		ktap_free(p);
		p = ktap_alloc(parts.carving.used);
	}
	if (!p) {
		ktap_refuse(d, -ENOMEM, "out of memory");
		return NULL;
	}
	p->size = parts.carving.used;
	p->policy_argument_count = arguments;
	p->info.string_limit = string_limit;
	parts.carving.base = (uint8_t *)p;
	lay_out(p, s, &parts, strings, string_globals);
	p->home = home;
	if (fill_in(p, s, &parts, d) || ktap_verify(p, d)) {
		ktap_program_free(p);
		return NULL;
	}
	ktap_fuse(p);
	if ((p->site_count || p->stacks) && p->info.memory) {
		p->pool = ktap_pool_new(p->info.memory, home->seed ? home->seed() : 0);
		if (!p->pool) {
			ktap_refuse(d, -ENOMEM, "out of memory: %u bytes for tables",
				    p->info.memory);
			ktap_program_free(p);
			return NULL;
		}
	}
	return p;
}

struct ktap_program *ktap_program_load(const void *data, size_t length,
				       const struct ktap_home *home,
				       struct ktap_diagnostic *d)
{
	struct ktap_program *p = NULL;
	struct ktap_sections *sections;

	memset(d, 0, sizeof(*d));
	sections = ktap_alloc(sizeof(*sections));
	if (!sections) {
		ktap_refuse(d, -ENOMEM, "out of memory");
		return NULL;
	}
	if (!ktap_bundle_sections(data, length, home, sections, d))
		p = load(sections, home, d);
	ktap_free(sections);
	return p;
}
