// SPDX-License-Identifier: GPL-2.0-or-later
/* strftime: moments of UTC as texts. */
#include "text.h"

/* A moment of UTC. */
struct moment {
	int64_t seconds; /* since 1970 */
	uint32_t ns;
	uint32_t year, month, day; /* month and day from 1 */
	uint32_t day_of_year; /* from 0 */
	uint32_t weekday; /* from 0, Sunday */
	uint32_t hour, minute, second;
};

static uint32_t year_length(uint32_t year)
{
	return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) ? 366 : 365;
}

static void find_moment(int64_t ns, struct moment *m)
{
	static const uint8_t lengths[12] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
	const int64_t second = 1000000000;
	int32_t days, rest, length;

	m->seconds = ktap_divide(ns, second);
	rest = (int32_t)(ns - m->seconds * second);
	if (rest < 0) {
		m->seconds--;
		rest += (int32_t)second;
	}
	m->ns = (uint32_t)rest;
	/* 64 bits of ns are about 106,752 days. */
	days = (int32_t)ktap_divide(m->seconds, 86400);
	rest = (int32_t)(m->seconds - days * (int64_t)86400);
	if (rest < 0) {
		days--;
		rest += 86400;
	}
	m->hour = (uint32_t)rest / 3600;
	m->minute = (uint32_t)rest / 60 % 60;
	m->second = (uint32_t)rest % 60;
	m->weekday = (uint32_t)(days + 4 + 7 * 20000) % 7;
	/* Years from 1677 to 2262: few enough to go through them. */
	for (m->year = 1970; days < 0; days += (int32_t)year_length(m->year))
		m->year--;
	for (; days >= (int32_t)year_length(m->year); m->year++)
		days -= (int32_t)year_length(m->year);
	m->day_of_year = (uint32_t)days;
	for (m->month = 1;; m->month++) {
		length = lengths[m->month - 1] + (m->month == 2 && year_length(m->year) == 366);
		if (days < length)
			break;
		days -= length;
	}
	m->day = (uint32_t)days + 1;
}

static const char days[][10] = { "Sunday",   "Monday", "Tuesday", "Wednesday",
				 "Thursday", "Friday", "Saturday" };
static const char months[][10] = { "January", "February", "March",     "April",   "May",      "June",
				   "July",    "August",	  "September", "October", "November", "December" };

static void put_name(struct ktap_text_out *t, const char *name, bool whole)
{
	uint32_t n;

	for (n = 0; name[n] && (whole || n < 3); n++)
		ktap_put(t, name[n]);
}

static void put_format(struct ktap_text_out *t, const char *format, uint32_t length, const struct moment *m);

/* Formats that stand for others, or NULL. */
static const char *longer_format(char c)
{
	switch (c) {
	case 'F':
		return "%Y-%m-%d";
	case 'T':
		return "%H:%M:%S";
	case 'D':
		return "%m/%d/%y";
	case 'R':
		return "%H:%M";
	default:
		return NULL;
	}
}

static void put_conversion(struct ktap_text_out *t, char c, const struct moment *m)
{
	char decimal[KTAP_DECIMAL];
	uint32_t length, n;

	switch (c) {
	case 'Y':
		return ktap_put_number(t, m->year, 4, '0');
	case 'y':
		return ktap_put_number(t, m->year % 100, 2, '0');
	case 'm':
		return ktap_put_number(t, m->month, 2, '0');
	case 'd':
		return ktap_put_number(t, m->day, 2, '0');
	case 'e':
		return ktap_put_number(t, m->day, 2, ' ');
	case 'j':
		return ktap_put_number(t, m->day_of_year + 1, 3, '0');
	case 'H':
		return ktap_put_number(t, m->hour, 2, '0');
	case 'I':
		return ktap_put_number(t, (m->hour + 11) % 12 + 1, 2, '0');
	case 'M':
		return ktap_put_number(t, m->minute, 2, '0');
	case 'S':
		return ktap_put_number(t, m->second, 2, '0');
	case 'N':
		return ktap_put_number(t, m->ns, 9, '0');
	case 'p':
		return ktap_put_text(t, m->hour < 12 ? "AM" : "PM");
	case 'a':
	case 'A':
		return put_name(t, days[m->weekday], c == 'A');
	case 'b':
	case 'B':
		return put_name(t, months[m->month - 1], c == 'B');
	case 's':
		length = ktap_decimal(m->seconds, decimal);
		for (n = 0; n < length; n++)
			ktap_put(t, decimal[n]);
		return;
	case 'z':
		return ktap_put_text(t, "+0000");
	case 'Z':
		return ktap_put_text(t, "UTC");
	case 'n':
		return ktap_put(t, '\n');
	case 't':
		return ktap_put(t, '\t');
	case '%':
		return ktap_put(t, '%');
	default: /* as it is written */
		ktap_put(t, '%');
		ktap_put(t, c);
	}
}

static void put_format(struct ktap_text_out *t, const char *format, uint32_t length, const struct moment *m)
{
	const char *longer;
	uint32_t n;

	for (n = 0; n < length; n++) {
		if (format[n] != '%' || n + 1 == length) {
			ktap_put(t, format[n]);
			continue;
		}
		longer = longer_format(format[++n]);
		/* One level deep: what it stands for has no such formats. */
		if (longer)
			put_format(t, longer, (uint32_t)strlen(longer), m);
		else
			put_conversion(t, format[n], m);
	}
}

void ktap_put_time(struct ktap_text_out *t, const struct ktap_string *format, int64_t ns)
{
	struct moment m;

	find_moment(ns, &m);
	put_format(t, format->bytes, format->length, &m);
}
