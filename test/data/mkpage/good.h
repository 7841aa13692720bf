#ifndef GOOD_H
#define GOOD_H
struct thing {
	str ref, owner, link;
};
#endif
