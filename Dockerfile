# The function as a container, for kustomize and kpt: docker build -t example.com/meshmend:0.1.0 .
FROM node:22-alpine AS build
WORKDIR /meshmend
COPY package.json package-lock.json build.mjs ./
COPY src src
RUN npm ci --ignore-scripts && node build.mjs

# Node and nothing else: no shell, no package manager. Its /etc/passwd has the user nobody, whom kustomize runs
# functions as.
FROM gcr.io/distroless/nodejs22-debian12
COPY --from=build /meshmend/dist /meshmend/dist
USER nobody
# kustomize gives no arguments, no network and no folder: all comes in on standard input.
ENTRYPOINT ["/nodejs/bin/node", "/meshmend/dist/meshmend.cjs", "krm"]
