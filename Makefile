.PHONY: build test lint format check-symbols clean

FORMATTED := Package.swift Sources Tests

build:
	swift build --configuration release --product swiftlet

test:
	scripts/test

lint:
	swift format lint --strict --parallel --recursive $(FORMATTED)

format:
	swift format --in-place --parallel --recursive $(FORMATTED)

check-symbols: build
	scripts/check-symbols

clean:
	swift package clean
	rm -rf .build/consumer
