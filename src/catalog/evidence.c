/* Which records show a kind of evidence. */
#include "catalog/catalog_in.h"

/* The words of vocab.json, in order of bytes. */
static const str evidence[] = {
	S_INIT("acceptance"), S_INIT("access-review"), S_INIT("access-rule"),
	S_INIT("activity"), S_INIT("advisory"), S_INIT("agreement"), S_INIT("anomaly"),
	S_INIT("approval"), S_INIT("assessment"), S_INIT("asset"), S_INIT("audit"),
	S_INIT("backup"), S_INIT("change"), S_INIT("communication"),
	S_INIT("component"), S_INIT("context"), S_INIT("control"),
	S_INIT("corrective-action"), S_INIT("countermeasure"), S_INIT("credential"),
	S_INIT("criteria"), S_INIT("data-map"), S_INIT("device"), S_INIT("disclosure"),
	S_INIT("document"), S_INIT("exercise"), S_INIT("flow"), S_INIT("hazard"),
	S_INIT("identity"), S_INIT("incident"), S_INIT("interface"), S_INIT("label"),
	S_INIT("log"), S_INIT("management-review"), S_INIT("metric"),
	S_INIT("milestone"), S_INIT("nonconformity"), S_INIT("objective"),
	S_INIT("obligation"), S_INIT("party"), S_INIT("person"), S_INIT("plan"),
	S_INIT("policy"), S_INIT("process"), S_INIT("product"), S_INIT("release"),
	S_INIT("report"), S_INIT("requirement"), S_INIT("resource"), S_INIT("review"),
	S_INIT("risk"), S_INIT("role"), S_INIT("sbom"), S_INIT("scope"),
	S_INIT("session"), S_INIT("site"), S_INIT("submission"), S_INIT("supplier"),
	S_INIT("support"), S_INIT("test"), S_INIT("test-report"), S_INIT("threat"),
	S_INIT("threat-model"), S_INIT("trace"), S_INIT("training"),
	S_INIT("treatment"), S_INIT("update"), S_INIT("view"), S_INIT("vulnerability"),
	S_INIT("zone")};

int evidence_find(str word)
{
	for (int i = 0; i < (int)COUNT_OF(evidence); i++)
		if (str_eq(evidence[i], word))
			return i;
	return -1;
}
