# Ward.  `make run` starts the demo, `make test` runs the tests, `make help` lists the rest.

BUILD   ?= release
LISTEN  ?= 127.0.0.1:8080
OUT     := build/$(BUILD)
GEN     := build/gen
VERSION := $(shell cat VERSION)

PACKAGES := sqlite3 libcrypto libsodium zlib yaml-0.1 expat
CFLAGS_WARN := -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wsign-conversion \
	-Wstrict-prototypes -Wmissing-prototypes -Wold-style-definition -Wundef -Wvla -Walloca \
	-Wcast-qual -Wwrite-strings -Wpointer-arith -Wformat=2 -Wimplicit-fallthrough \
	-Wnull-dereference -Wdouble-promotion -Wdate-time -Wframe-larger-than=16384
CFLAGS_GCC := -Wcast-align=strict -Wformat-signedness -Wduplicated-cond -Wlogical-op \
	-Wjump-misses-init -Wtrampolines
CFLAGS_HARDEN := -D_FORTIFY_SOURCE=2 -fstack-protector-strong -fstack-clash-protection \
	-fcf-protection=full -fno-strict-aliasing -fno-delete-null-pointer-checks -fno-common -fPIE
LDFLAGS_HARDEN := -pie -Wl,-z,relro,-z,now,-z,noexecstack,-z,separate-code
# A newer compiler that warns of more must not keep anybody from building; CI says CI=true.
WERROR ?= $(if $(CI),-Werror)

CC ?= gcc
CFLAGS_ALL = -std=c17 -D_GNU_SOURCE -pthread -MMD -MP -Isrc -I$(GEN) $(CFLAGS_WARN) \
	$(if $(findstring clang,$(CC)),-Wno-format-nonliteral -Wno-string-concatenation,$(CFLAGS_GCC)) $(WERROR) \
	-ffile-prefix-map=$(CURDIR)=. -DWARD_VERSION='"$(VERSION)"' \
	$(shell pkg-config --cflags $(PACKAGES) 2>/dev/null)
LIBS = $(shell pkg-config --libs $(PACKAGES) 2>/dev/null) -lm

# release: what users run.  test: ASan and UBSan, one malloc a piece of an arena.
ifeq ($(BUILD),release)
CFLAGS_ALL += -O2 -g $(CFLAGS_HARDEN)
LDFLAGS    += $(LDFLAGS_HARDEN)
ARENA      ?= block
else ifeq ($(BUILD),test)
CFLAGS_ALL += -O1 -g -fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer
LDFLAGS    += -fsanitize=address,undefined
ARENA      ?= malloc
else ifeq ($(BUILD),tsan)
CFLAGS_ALL += -O1 -g -fsanitize=thread -fno-omit-frame-pointer
LDFLAGS    += -fsanitize=thread
ARENA      ?= block
else ifeq ($(BUILD),fuzz)
CC         := clang
CFLAGS_ALL += -O1 -g -fsanitize=fuzzer-no-link,address,undefined -fno-sanitize-recover=all
LDFLAGS    += -fsanitize=fuzzer,address,undefined
ARENA      ?= malloc
endif

ifeq ($(BUILD),mutants)
CFLAGS_ALL += -O1
endif

ARENA_OFF := $(if $(filter malloc,$(ARENA)),src/base/arena.c,src/base/arena_emu.c)
SRC  := $(sort $(filter-out $(ARENA_OFF),$(wildcard src/*.c src/*/*.c src/*/*/*.c)))
LIBSRC := $(filter-out src/main.c,$(SRC))
GENSRC := $(GEN)/kinds.c $(GEN)/pages.c $(GEN)/assets.S
OBJ  := $(patsubst src/%.c,$(OUT)/obj/%.o,$(LIBSRC))
GENERATED :=
ifneq ($(wildcard tools/mkkind.c),)
OBJ += $(OUT)/gen/kinds.o
GENERATED += $(GEN)/kinds.h
endif
ifneq ($(wildcard tools/mkpage.c),)
OBJ += $(OUT)/gen/pages.o
GENERATED += $(GEN)/pages.h
endif
ifneq ($(wildcard tools/mkasset.c),)
OBJ += $(OUT)/gen/assets.o
endif
KINDS  := kinds/words.enum kinds/rights.def kinds/envelope.kind $(sort $(wildcard kinds/*/*.kind))
PAGES  := $(sort $(wildcard pages/*/*.html))

# What a file was made of, by name, in build/: rewritten only when the names changed, so that what was
# taken away counts as a change.  Times do not tell: a file that is gone has none.
keep = $(if $(filter-out $(file <$(1)),$(2))$(filter-out $(2),$(file <$(1))),$(shell mkdir -p $(dir $(1)))$(file >$(1),$(2)))
$(call keep,$(GEN)/kinds.list,$(KINDS))
$(call keep,$(GEN)/pages.list,$(PAGES))
$(call keep,$(OUT)/obj.list,$(OBJ))

UNIT := $(patsubst test/unit/%.c,$(OUT)/unit/%,$(sort $(wildcard test/unit/test_*.c)))
TOOL := $(patsubst test/tool/%.c,$(OUT)/tool/%,$(sort $(wildcard test/tool/*.c)))
BENCH := $(patsubst test/bench/%.c,$(OUT)/bench/%,$(sort $(wildcard test/bench/*.c)))
FUZZ := $(patsubst test/fuzz/%.c,$(OUT)/fuzz/%,$(sort $(wildcard test/fuzz/fuzz_*.c)))

.DEFAULT_GOAL := all
.PHONY: all run test unit fuzz fuzz-targets tidy format lock golden bench mutants tsan clean help install deps deps-test
.SECONDARY:

all: build/ward ## build build/ward

help: ## this list
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## /  make \1\t/' | expand -t 16

# ---- what users do ----

run: deps ## build, then serve a throw-away demo store on $(LISTEN)
	@$(MAKE) --no-print-directory -j$(shell nproc) all
	@exec build/ward demo --listen $(LISTEN)

deps:
	@tools/deps.sh build

deps-test:
	@tools/deps.sh test

test: deps-test ## everything that CI runs
	@$(MAKE) --no-print-directory -j$(shell nproc) all BUILD=release
	@$(MAKE) --no-print-directory -j$(shell nproc) build/tools/tidy
	@test/run

fuzz-targets: $(FUZZ)

# Programs of tests that are gone would go on being run.
STALE = $(filter-out %.d $(UNIT) $(FUZZ) $(TOOL),$(wildcard $(OUT)/unit/* $(OUT)/fuzz/* $(OUT)/tool/*))
unit: $(UNIT) $(FUZZ) $(TOOL) $(OUT)/ward
	@rm -f $(STALE)

build/ward: $(OUT)/ward
	@ln -sf $(BUILD)/ward $@

# ---- generated ----

build/tools/mkasset: LIBS_TOOL := -lz
build/tools/mkkind: $(wildcard tools/mkkind_*.h)
build/tools/tidy: tools/tidy_claims.h
build/tools/%: tools/%.c
	@mkdir -p $(@D)
	@gcc -std=c17 -D_GNU_SOURCE -O1 -g -Wall -Wextra -Wshadow -Werror -o $@ $(filter %.c,$^) $(LIBS_TOOL)

$(GEN)/kinds.c $(GEN)/kinds.h &: build/tools/mkkind $(KINDS) $(GEN)/kinds.list
	@mkdir -p $(GEN)
	@build/tools/mkkind $(GEN) $(KINDS)

$(GEN)/pages.c $(GEN)/pages.h &: build/tools/mkpage $(PAGES) $(GEN)/pages.list
	@mkdir -p $(GEN)
	@build/tools/mkpage $(GEN) $(PAGES)

ASSETS := $(sort $(shell find assets rules catalogs examples 2>/dev/null))
$(GEN)/assets.S: build/tools/mkasset $(ASSETS)
	@mkdir -p $(GEN)
	@build/tools/mkasset $(GEN) assets rules catalogs examples

# ---- objects ----

$(OUT)/obj/%.o: src/%.c | $(GENERATED)
	@mkdir -p $(@D)
	@echo "  CC $<"
	@$(CC) $(CFLAGS_ALL) -c -o $@ $<

$(OUT)/gen/%.o: $(GEN)/%.c | $(GENERATED)
	@mkdir -p $(@D)
	@echo "  CC $<"
	@$(CC) $(CFLAGS_ALL) -c -o $@ $<

$(OUT)/gen/%.o: $(GEN)/%.S
	@mkdir -p $(@D)
	@gcc -c -o $@ $<

$(OUT)/libward.a: $(OBJ) $(OUT)/obj.list
	@rm -f $@
	@ar rcs $@ $(OBJ)

$(OUT)/ward: $(OUT)/obj/main.o $(OUT)/libward.a
	@echo "  LINK $@"
	@$(CC) $(CFLAGS_ALL) $(LDFLAGS) -o $@ $^ $(LIBS)

# What tests share; an archive, so that a test links only what it uses.
TESTLIB := store api records crime log main
$(OUT)/test/libtest.a: $(TESTLIB:%=test/%.c) $(wildcard test/*.h src/*/*.h src/*/*/*.h) $(GEN)/kinds.h | $(GENERATED)
	@mkdir -p $(@D)
	@set -e; for name in $(TESTLIB); do \
		$(CC) $(CFLAGS_ALL) -Itest -c -o $(OUT)/test/$$name.o test/$$name.c; done
	@ar rcs $@ $(TESTLIB:%=$(OUT)/test/%.o)

$(OUT)/unit/%: test/unit/%.c test/test.h test/site.h test/stage.h test/rounds.h $(OUT)/test/libtest.a $(OUT)/libward.a
	@mkdir -p $(@D)
	@echo "  LINK $@"
	@$(CC) $(CFLAGS_ALL) -Itest $(LDFLAGS) -o $@ $< $(OUT)/test/libtest.a $(OUT)/libward.a $(LIBS)

# Small programs that tests in test/shell/ call.
$(OUT)/tool/%: test/tool/%.c $(OUT)/test/libtest.a $(OUT)/libward.a
	@mkdir -p $(@D)
	$(CC) $(CFLAGS_ALL) -Itest $(filter-out -fsanitize=fuzzer%,$(LDFLAGS)) -o $@ $< $(OUT)/test/libtest.a $(OUT)/libward.a $(LIBS)

# Benchmarks, which test/bench/run starts one after the other.
$(OUT)/bench/%: test/bench/%.c test/bench/bench.h $(OUT)/test/libtest.a $(OUT)/libward.a
	@mkdir -p $(@D)
	@echo "  LINK $@"
	@$(CC) $(CFLAGS_ALL) -Itest $(LDFLAGS) -o $@ $< $(OUT)/test/libtest.a $(OUT)/libward.a $(LIBS)

# Outside BUILD=fuzz a target replays its corpus and is a plain test.
$(OUT)/fuzz/%: test/fuzz/%.c $(OUT)/libward.a
	@mkdir -p $(@D)
	@echo "  LINK $@"
	@$(CC) $(CFLAGS_ALL) -Itest $(LDFLAGS) -o $@ $< $(if $(filter fuzz,$(BUILD)),,test/fuzz/replay.c) $(OUT)/libward.a $(LIBS)

fuzz: ## build the fuzz targets with libFuzzer into build/fuzz/fuzz
	@$(MAKE) --no-print-directory BUILD=fuzz fuzz-targets

# ---- upkeep ----

tidy: build/tools/tidy ## layers, lengths, banned calls, rights of routes
	build/tools/tidy

format: ## lay out the lines of C that differ from the last commit, and no other
	@git clang-format --force --quiet HEAD -- $(shell git ls-files '*.c' '*.h') || [ $$? = 1 ] # 1: it did

lock: build/tools/mkkind ## add to kinds/LOCK what was declared; read the difference before committing
	build/tools/mkkind --lock $(KINDS) >build/LOCK && mv build/LOCK kinds/LOCK

golden: ## write the golden files anew; read the difference before committing
	@$(MAKE) --no-print-directory -j$(shell nproc) all $(TOOL)
	test/golden/write

bench: ## measure; doc/performance.md has the figures
	@$(MAKE) --no-print-directory -j$(shell nproc) all $(BENCH)
	test/bench/run

TSAN := $(patsubst test/unit/%.c,build/tsan/unit/%,$(wildcard test/unit/test_http_*.c \
	test/unit/test_conn*.c test/unit/test_queue.c))
tsan: ## run the programs of the HTTP server under ThreadSanitizer
	@$(MAKE) --no-print-directory BUILD=tsan $(TSAN)
	@set -e; for program in $(TSAN); do echo "$$program"; $$program; done

# AREA=, FILE=, SAMPLE= and SEED= make it smaller; test/mutants/run says more.
mutants: ## change the sources one place at a time: which change does no test notice?
	@test/mutants/run AREA=$(AREA) FILE=$(FILE) SAMPLE=$(SAMPLE) SEED=$(SEED) AGAIN=$(AGAIN) \
		CC="$(CC)"

clean: ## remove build/
	rm -rf build

-include $(shell find build -name '*.d' 2>/dev/null)
