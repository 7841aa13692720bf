/*
 * The line of requests whose password is to be checked.  Argon2 takes tenths of a second, two run
 * at a time, and anybody may ask for one: whoever asks often must not keep out who asks once.
 *
 * Everybody has turns of their own: a stranger's address, or the person who is signed in already.
 * The second request of one stands behind the first of every other.  Who is signed in and who is
 * not take turns too, so that no number of strangers' addresses holds up a signature.  In a full
 * line whoever has the most in it gives up their last.
 *
 * Within one address it is first come, first served: those who share it cannot be told apart
 * before the password was checked.
 */
#ifndef SERVE_TURNS_H
#define SERVE_TURNS_H
#include "http/http.h"

enum { TURNS_MAX = 64, TURN_KEY_BYTES = 48 };

struct turns;
struct turns *turns_open(struct arena *a);
/* Puts a job into the line of `key`.  Returns the job that there was no room for, which may be
   this one, or NULL. */
struct http_job *turns_put(struct turns *t, struct http_job *job, str key, bool is_known);
/* Whose turn it is, waiting for one; NULL when the line is closed, whoever is still in it. */
struct http_job *turns_take(struct turns *t);
void turns_close(struct turns *t);
#endif
