# The images of this project, a target each: hub, brain-worker, relay, balancer. docker-compose.yml builds them.
ARG NODE_IMAGE=node:24-bookworm-slim
ARG DEBIAN_IMAGE=debian:bookworm-slim

# What npm reads of the sources, so that it installs anew only when that has changed.
FROM ${NODE_IMAGE} AS manifests
WORKDIR /app
COPY . .
RUN find . -type f ! -name package.json ! -name package-lock.json ! -name .npmrc -delete \
  && find . -mindepth 1 -type d -empty -delete

FROM ${NODE_IMAGE} AS dependencies
WORKDIR /app
COPY --from=manifests /app ./
# Without install scripts: what they would fetch or compile lies in the packages.
RUN npm ci --ignore-scripts --no-audit --no-fund --include-workspace-root \
  --workspace @physical-ai/hub --workspace @physical-ai/dashboard \
  --workspace @physical-ai/brain-worker --workspace @physical-ai/relay

FROM dependencies AS build
COPY . .
RUN npx tsc --build hub dashboard brain-worker relay && node dashboard/bundle.mjs

FROM build AS hub-files
RUN docker/collect.sh hub

FROM build AS brain-worker-files
RUN docker/collect.sh brain-worker

FROM build AS relay-files
RUN docker/collect.sh relay

FROM ${NODE_IMAGE} AS program
ENV NODE_ENV=production STATUS_PORT=9464
WORKDIR /app
COPY docker/healthcheck /usr/local/bin/
HEALTHCHECK --interval=5s --timeout=3s --start-period=30s CMD ["healthcheck"]

FROM program AS hub
# New volumes take their owner from the folders on which they are mounted.
RUN install -d -o 1000 -g 1000 /data /access \
  /access/hub /access/postgres /access/redis /access/relay /access/brain-worker /access/brain-worker-2 /access/policy-worker
COPY docker/hub /usr/local/bin/
COPY --from=hub-files /app ./
USER 1000:1000
ENTRYPOINT ["node", "hub/dist/main.js"]

FROM program AS brain-worker
COPY --from=brain-worker-files /app ./
USER 1000:1000
ENTRYPOINT ["node", "brain-worker/dist/main.js"]

FROM program AS relay
RUN install -d -o 1000 -g 1000 /data
COPY --from=relay-files /app ./
USER 1000:1000
ENTRYPOINT ["node", "relay/dist/main.js"]

FROM ${DEBIAN_IMAGE} AS balancer
RUN apt-get update && apt-get install -y --no-install-recommends haproxy && rm -rf /var/lib/apt/lists/*
COPY docker/haproxy/haproxy.cfg /etc/haproxy/
COPY docker/healthcheck /usr/local/bin/
HEALTHCHECK --interval=5s --timeout=3s --start-period=30s CMD ["healthcheck"]
USER 1000:1000
ENTRYPOINT ["haproxy", "-db", "-f", "/etc/haproxy/haproxy.cfg"]
