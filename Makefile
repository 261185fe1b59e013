.PHONY: build library server install install-strip uninstall wheel test lint format clean

FORMATTED := Package.swift Sources Tests weights Benchmarks/Package.swift Benchmarks/Sources Benchmarks/Tests \
	Documentation/Package.swift Documentation/Sources

# What is installed needs no Swift toolchain; PREFIX and LIBDIR must be absolute.
PREFIX ?= /usr/local
LIBDIR ?= $(PREFIX)/lib
DESTDIR ?=
INSTALLED := .build-c
# `make install TRAITS=` installs a program that downloads no models, without the packages for it.
TRAITS := Hub
INSTALLED_FLAGS := --configuration release --scratch-path $(INSTALLED) --static-swift-stdlib \
	$(if $(TRAITS),--traits $(TRAITS))

build:
	swift build --configuration release --product swiftlet

library:
	swift build $(INSTALLED_FLAGS) --product SwiftletC
	swift build $(INSTALLED_FLAGS) --product swiftlet

# The HTTP server, which downloads models too, and the packages that it needs, in a folder of their own.
server:
	swift build --configuration release --scratch-path .build-server-release --traits Server,Hub \
		--static-swift-stdlib --product swiftlet-server

# A server that was built once is installed too, and so brought up to date.
BUILT_SERVER := $(if $(wildcard .build-server-release/release/swiftlet-server),server)

install: library $(BUILT_SERVER)
	DESTDIR='$(DESTDIR)' scripts/install --from $(INSTALLED)/release --prefix '$(PREFIX)' --libdir '$(LIBDIR)'

# As install, but without the symbols, which install puts into folders .debug.
install-strip: library $(BUILT_SERVER)
	DESTDIR='$(DESTDIR)' scripts/install --strip --from $(INSTALLED)/release --prefix '$(PREFIX)' --libdir '$(LIBDIR)'

uninstall:
	DESTDIR='$(DESTDIR)' scripts/install --uninstall --prefix '$(PREFIX)' --libdir '$(LIBDIR)'

# A wheel of the Python package in dist, with the library and the bundled model inside.
wheel:
	swift build $(INSTALLED_FLAGS) --product SwiftletC
	scripts/wheel --library $(INSTALLED)/release/libSwiftletC.so

test:
	scripts/test

lint:
	swift format lint --strict --parallel --recursive $(FORMATTED)

format:
	swift format --in-place --parallel --recursive $(FORMATTED)

clean:
	rm -rf .build .build-* dist Benchmarks/.build Documentation/.build
