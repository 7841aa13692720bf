/*
 * Base: functions without a world.  No clock, no file, no environment, no global.
 *
 *	str.h    strings as views          arena.h  memory that vanishes with a call
 *	buf.h    growing output            err.h    errors somebody must be told
 *	utf8.h   the check at the edges    time.h   dates as numbers
 *	hex.h    bytes as text             json.h   strict reader, writer, RFC 8785 (on its own)
 *	limits.h every limit with a name list.h   arrays that grow
 *
 * This header is the umbrella that everything above includes; it poisons the functions of
 * libc that have no place outside base/ and os/ (make tidy bans those that system headers
 * included later declare again).
 */
#ifndef BASE_BASE_H
#define BASE_BASE_H
#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/hex.h"
#include "base/limits.h"
#include "base/list.h"
#include "base/str.h"
#include "base/time.h"
#include "base/utf8.h"

#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#pragma GCC poison malloc calloc realloc free strdup strndup
#pragma GCC poison strcpy strncpy strcat strncat strcmp strncmp strchr strrchr strstr strtok
#pragma GCC poison sprintf vsprintf gets atoi atol strtol strtoul strtod
#pragma GCC poison system popen rand srand
#endif
