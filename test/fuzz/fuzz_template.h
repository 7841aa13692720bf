/* Evaluating whatever template was read, on a small drawing with one of everything. */
#ifndef FUZZ_TEMPLATE_H
#define FUZZ_TEMPLATE_H
#include "os/os.h"
#include "threat/formats/formats.h"
#include "threat/microsoft/template.h"
#include "threat/report/report.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void fuzz_evaluate(struct arena *a, const struct model *m, const struct template *t)
{
	enum { SCRATCH = 8 << 20 };
	static struct arena scratch;
	struct err e = {.arena = a};
	struct check_report report;
	struct findings *found;
	struct buf b;

	buf_init(&b, a, LIMIT_RECORD_BYTES);
	if (!template_evaluate(a, &e, m, t, true, &found)) {
		assert(e.code == ERR_LIMIT);
		return;
	}
	assert(found->count <= m->of[PART_FLOW].count * template_threat_count(t));
	if (!report_make(a, &e, found, NULL, &report)) {
		assert(e.code == ERR_LIMIT);
		return;
	}
	if (!scratch.size)
		arena_init(&scratch, os_reserve(SCRATCH), SCRATCH);
	arena_reset(&scratch);
	report.path = S("f");
	report.bytes = S("");
	report_print_json(&b, &scratch, &report);
	report_print_sarif(&b, &scratch, &report, true);
}

static struct model *fuzz_drawing(struct arena *a)
{
#define SHAPE(kind, id, rest)                                                                      \
	"<KeyValueOfguidanyType><Key>" id "</Key><Value type='" kind "'><Guid>" id "</Guid>" rest  \
	"</Value></KeyValueOfguidanyType>"
#define BOX(at)                                                                                    \
	"<Left>" at "</Left><Top>0</Top><Width>50</Width><Height>50</Height>"                      \
	"<Properties><anyType type='ListDisplayAttribute'><Name>x</Name><Value><string>a</string>" \
	"<string>b</string></Value><SelectedIndex>1</SelectedIndex></anyType></Properties>"
#define LINE(x1, y1, x2, y2)                                                                       \
	"<SourceX>" x1 "</SourceX><SourceY>" y1 "</SourceY><TargetX>" x2 "</TargetX><TargetY>" y2  \
	"</TargetY>"
	struct err e = {.arena = a};
	struct model *m = NULL;
	bool ok = model_read_as(a, &e, MODEL_TM7, S("drawing"),
		S("<ThreatModel><DrawingSurfaceList><DrawingSurfaceModel><Borders>" SHAPE(
			"StencilEllipse", "p",
			"<TypeId>P.Sub</TypeId>" BOX("0")) SHAPE("StencilRectangle", "e",
			"<TypeId>GE.EI</TypeId>" BOX("300")) SHAPE("BorderBoundary", "z",
			"<TypeId>GE.TB.B</TypeId>" BOX(
				"100")) "</Borders><Lines>" SHAPE("LineBoundary", "w",
			"<TypeId>GE.TB.L</TypeId>" LINE("200", "0", "200", "50")) SHAPE("Connector",
			"f",
			"<TypeId>GE.DF</TypeId><SourceGuid>p</SourceGuid><TargetGuid>e</"
			"TargetGuid>" LINE(
				"50", "20", "300", "30")) "</Lines></DrawingSurfaceModel>"
							  "</DrawingSurfaceList></ThreatModel>"),
		&m);

	assert(ok);
	return m;
}
#endif
