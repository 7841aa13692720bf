/*
 * The properties of a shape of the Microsoft tool: what people chose, and what our words for that
 * are.  The first choice of a list is what the tool writes unasked and says nothing.
 */
#include "threat/formats/importer.h"
#include "threat/microsoft/tm7.h"

void tm7_attribute_read(const struct json *property, struct tm7_attribute *out)
{
	str kind = json_text(property, S("@type"));
	const struct json *value = json_member(property, S("Value"));
	int64_t selected = 0, nth = 0;

	kind = str_part(kind, str_index(kind, ':') + 1, kind.n);
	*out = (struct tm7_attribute){.name = xml_child(property, S("Name")),
		.label = xml_child(property, S("DisplayName")),
		.is_static = str_eq(kind, S("StaticListDisplayAttribute")),
		.is_heading = str_eq(kind, S("HeaderDisplayAttribute"))};
	if (!json_member(value, S("string"))) {
		out->value = xml_text(value);
		return;
	}
	if (!out->is_static &&
		!str_int(xml_child(property, S("SelectedIndex")), 0, INT32_MAX, &selected))
		selected = 0;
	out->is_first = !out->is_static && selected == 0;
	xml_each(choice, value, S("string"))
	{
		if (nth++ == selected)
			out->value = xml_text(choice);
	}
}

enum {
	NODES = 1u << PART_IS_ACTOR | 1u << PART_IS_PROCESS | 1u << PART_IS_STORE |
		1u << PART_IS_DEVICE,
	FLOWS = 1u << PART_IS_FLOW
};

/* A choice of the common templates and the property that says the same. */
static const struct {
	str name, value;
	uint32_t kinds; /* bits of enum part_kind */
	const char *key, *word;
} meanings[] = {
	{S_INIT("channel"), S_INIT("Wire"), FLOWS, "medium", "wire"},
	{S_INIT("channel"), S_INIT("Wi-Fi"), FLOWS, "medium", "wifi"},
	{S_INIT("channel"), S_INIT("Bluetooth"), FLOWS, "medium", "ble"},
	{S_INIT("channel"), S_INIT("2G-4G"), FLOWS, "medium", "cellular"},
	{S_INIT("providesConfidentiality"), S_INIT("Yes"), FLOWS, "encryption", "yes"},
	{S_INIT("Encrypted"), S_INIT("Yes"), 1u << PART_IS_STORE, "at-rest", "disk"},
	{S_INIT("storesLogData"), S_INIT("Yes"), 1u << PART_IS_STORE, "store-type", "log"},
	{S_INIT("RemoveableStorage"), S_INIT("Yes"), 1u << PART_IS_STORE, "store-type",
		"removable"},
	{S_INIT("hasInputSanitizers"), S_INIT("Yes"), 1u << PART_IS_PROCESS, "validates-input",
		"yes"},
	{S_INIT("Isolation"), S_INIT("Sandbox"), 1u << PART_IS_PROCESS, "sandboxed", "yes"},
	{S_INIT("Isolation"), S_INIT("AppContainer"), 1u << PART_IS_PROCESS, "sandboxed", "yes"},
	{S_INIT("implementsCustomAuthorizationMechanism"), S_INIT("Yes"), 1u << PART_IS_PROCESS,
		"checks-roles", "yes"},
};

/* Types of flows that are a protocol. */
static const struct {
	str type;
	const char *protocol;
} protocols[] = {
	{S_INIT("HTTP"), "http"},
	{S_INIT("HTTPS"), "https"},
	{S_INIT("IPsec"), "tunnel"},
	{S_INIT("SMB"), "smb"},
	{S_INIT("SSH"), "ssh"},
	{S_INIT("LDAP"), "ldap"},
	{S_INIT("LDAPS"), "ldaps"},
	{S_INIT("DICOM"), "dicom"},
	{S_INIT("DICOM TLS"), "dicom-tls"},
	{S_INIT("HL7 Classic"), "hl7v2"},
	{S_INIT("HL7 FHIR"), "fhir"},
	{S_INIT("CANBUS"), "can"},
	{S_INIT("Ethernet Frames"), "ethernet"},
};

/* The name of the type, which is the first heading. */
static bool read_type(struct importer *in, struct part *p, str type, const struct json *at)
{
	if (p->kind == PART_IS_ZONE || str_starts(type, S("Generic ")))
		return true;
	if (p->kind != PART_IS_FLOW)
		return import_add(in, p, "technology", name_clean(in->arena, type), at);
	for (int i = 0; i < COUNT_OF(protocols); i++)
		if (str_eq(type, protocols[i].type))
			return import_add(in, p, "protocol", str_of(protocols[i].protocol), at);
	return true;
}

/* Says what a chosen value means; what it means nothing for is kept and listed. */
static bool read_choice(struct importer *in, struct part *p, const struct tm7_attribute *a,
	const struct json *property)
{
	for (int i = 0; i < COUNT_OF(meanings); i++) {
		if (!(meanings[i].kinds & 1u << p->kind) ||
			!str_eq_fold(a->name, meanings[i].name) ||
			!str_eq(a->value, meanings[i].value) ||
			part_value(p, str_of(meanings[i].key)).n)
			continue;
		import_take(in, property);
		return import_add(in, p, meanings[i].key, str_of(meanings[i].word), property);
	}
	if (a->is_static)
		return true;
	if (arena_room(in->arena) < LIMIT_PROSE)
		return import_no_room(in);
	str what = str_fmt(in->arena,
		"\"%.*s\" is \"%.*s\": the model has no word for this; it is kept",
		STR_ARG(utf8_head(a->label, 100)), STR_ARG(utf8_head(a->value, 100)));
	if (!model_lose(in->arena, in->err, in->model, import_place(in, property), in->path, what))
		return false;
	in->model->last_loss->is_kept = true;
	return true;
}

static bool read_property(struct importer *in, struct part *p, const struct tm7_attribute *a,
	const struct json *property)
{
	if (a->is_heading || a->value.n == 0 || a->is_first)
		return true;
	if (str_eq(a->label, S("Out Of Scope"))) {
		if (str_eq(a->value, S("false")) || p->kind == PART_IS_ZONE)
			return true;
		import_take(in, property);
		return import_add(in, p, "out-of-scope", S("yes"), property);
	}
	if (str_eq(a->label, S("Reason For Out Of Scope"))) {
		import_take(in, property);
		return import_add(in, p, "note", a->value, property);
	}
	if (str_eq(a->label, S("Dataflow Order")) && str_eq(a->value, S("0")))
		return true;
	return read_choice(in, p, a, property);
}

/* The name stands under this label; it has no name of its own. */
static bool is_name(const struct tm7_attribute *a)
{
	return !a->is_heading && a->name.n == 0 && str_eq(a->label, S("Name"));
}

str tm7_name(struct importer *in, const struct json *properties)
{
	struct tm7_attribute a;

	xml_each(property, properties, S("anyType"))
	{
		tm7_attribute_read(property, &a);
		if (!is_name(&a))
			continue;
		str name = name_clean(in->arena, a.value);
		if (str_eq(name, a.value))
			import_take(in, property);
		return name;
	}
	return S("");
}

bool tm7_properties(struct importer *in, struct part *p, const struct json *properties)
{
	struct tm7_attribute a;
	bool has_type = false;

	xml_each(property, properties, S("anyType"))
	{
		tm7_attribute_read(property, &a);
		import_open(in, property);
		if (a.is_heading && !has_type && !read_type(in, p, a.label, property))
			return false;
		has_type |= a.is_heading;
		if (!is_name(&a) && !read_property(in, p, &a, property))
			return false;
	}
	return true;
}
