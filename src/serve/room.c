/* How full the disk of the store is, and what people are told of it before it is full. */
#include "serve/serve_in.h"

enum { LOOK_US = 10000000 };

/* Rises at these shares, and falls again when there is room: a step is told once. */
static const int steps[] = {95, 90, 80};

static int room_step(int percent)
{
	for (isize i = 0; i < COUNT_OF(steps); i++)
		if (percent >= steps[i])
			return steps[i];
	return 0;
}

bool room_look(struct room *r, struct arena *scratch, str folder, int64_t now_us)
{
	int was = atomic_load(&r->step), step;

	if (r->looked_us && now_us - r->looked_us < LOOK_US)
		return false;
	r->looked_us = now_us;
	step = room_step(disk_used(scratch, folder));
	atomic_store(&r->step, step);
	if (step > was)
		log_fault("disk.filling", KV("used", str_fmt(scratch, "%d %%", step)));
	return step > was;
}

str room_warning(const struct room *r)
{
	if (atomic_load(&r->is_broken))
		return S("The disk failed while the store was written: nothing can be saved until "
			 "Ward is restarted. Reading goes on.");
	if (atomic_load(&r->findings) < 0)
		return S("The store could not be verified to the end: the log says why. Run ward "
			 "verify.");
	if (atomic_load(&r->findings))
		return S("The store is not as it was written: something was changed behind Ward's "
			 "back. Run ward verify, which names it; the log has the first finding.");
	if (atomic_load(&r->is_unmarked))
		return S("At the end of the ledger stand entries that Ward did not write, and "
			 "nothing is signed until somebody answers for them: run ward verify, "
			 "then bring back a backup, or ward ledger adopt.");
	if (atomic_load(&r->is_unsigned))
		return S("Nothing is signed at the moment: the keeper of the keys refuses, and the "
			 "log says why. Tell the person who runs this server.");
	switch (atomic_load(&r->step)) {
	case 95:
		return S("The disk of the store is almost full (95 %): make room now, or nothing "
			 "can be saved.");
	case 90:
		return S("The disk of the store is 90 % full: make room.");
	case 80:
		return S("The disk of the store is 80 % full.");
	default:
		return S("");
	}
}
