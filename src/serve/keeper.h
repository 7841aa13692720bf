/*
 * The keeper, as a process: holds the signing key, remembers what it signed, verifies passwords.
 * It reads fixed-size messages from three socket pairs and its own folder, and nothing else; it
 * ends when the other side closes.  crypt/keeper.h is the side that asks.
 */
#ifndef SERVE_KEEPER_H
#define SERVE_KEEPER_H
#include "crypt/keeper.h"

enum keeper_how { KEEPER_PROCESS, KEEPER_THREAD };

/* Makes the key and memory of a new log (see signer_create). */
CHECKED bool keeper_create(struct arena *a, str folder, str origin, struct err *e);
/* Socket pairs: the ends of the asker and of the keeper. */
CHECKED bool keeper_pairs(int asker[KEEPER_CHANNELS], int keeper[KEEPER_CHANNELS], struct err *e);
/* Serves until the askers are gone; returns then.  Opens the key of `folder` first: when that
   fails, every question is answered with the reason. */
void keeper_serve(const int fd[KEEPER_CHANNELS], str folder);
/* Pairs, keeper and client at once.  KEEPER_PROCESS forks, so call it before any thread is
   started; `*pid` is the process to wait for, 0 for a thread.  Closing the client ends either. */
CHECKED bool keeper_start(struct keeper **out, struct arena *a, str folder, enum keeper_how how,
	int *pid, struct err *e);
#endif
