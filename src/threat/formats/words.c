/* What the formats are called, on the command line and in files. */
#include "threat/formats/formats.h"

static const str words[MODEL_FORMATS] = {
	[MODEL_TEXT] = S_INIT("ward"),
	[MODEL_DRAGON] = S_INIT("threat-dragon"),
	[MODEL_OTM] = S_INIT("otm"),
	[MODEL_TM_LIBRARY] = S_INIT("tm-library"),
	[MODEL_CYCLONEDX] = S_INIT("cyclonedx"),
	[MODEL_DRAGON_1] = S_INIT("threat-dragon-1"),
	[MODEL_COMPOSER] = S_INIT("threat-composer"),
	[MODEL_PYTM] = S_INIT("pytm"),
	[MODEL_THREAGILE] = S_INIT("threagile"),
	[MODEL_TM7] = S_INIT("tm7"),
};

str model_format_word(enum model_format format)
{
	assert(format < MODEL_FORMATS);
	return words[format];
}
