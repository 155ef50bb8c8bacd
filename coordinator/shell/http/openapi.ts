import type { Json, JsonSchema, Schema } from '@nexapod/specs'
import { problemType } from './problem.ts'
import type { Route } from './route.ts'
import { routes } from './routes/index.ts'
import { version } from './routes/status.ts'
import { shapes } from './shapes.ts'

type Tree = { [key: string]: Json }

const about = `HTTP is another road to a coordinator, beside the mesh. What is to be done is said \
in a signed document, the very same as on the mesh: as canonical bytes (application/cbor), or in \
JSON that maps to them one to one. No answer tells a fact that is not on the disk. Every no is a \
problem of RFC 9457 with a code, whose fault it is, and what to do.`

/** The description of the API, from the schemas that check what comes and print what goes. */
export function openApi(): Json {
  const named = new Map<JsonSchema, string>()
  for (const [name, { json }] of Object.entries(shapes)) named.set(json, name)
  const schemas: Tree = {}
  for (const [name, { json }] of Object.entries(shapes)) schemas[name] = told(json, named, true)
  const paths: { [path: string]: Tree } = {}
  for (const route of routes) {
    const path = paths[route.path] ?? {}
    path[route.method.toLowerCase()] = operation(route, named)
    paths[route.path] = path
  }
  return {
    openapi: '3.1.0',
    info: {
      ...{ title: 'NEXAPod coordinator', version: version.version, description: about },
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    jsonSchemaDialect: 'https://json-schema.org/draft/2020-12/schema',
    servers: [{ url: '/' }],
    paths,
    components: { schemas },
  }
}

/** The description as it is served, and as it stands in openapi.json. */
export function openApiText(): string {
  return `${JSON.stringify(openApi(), undefined, 1)}\n`
}

function operation(route: Route, named: ReadonlyMap<JsonSchema, string>): Json {
  const { gives, body, status } = route
  const content = { [gives.media.split(';', 1)[0] ?? '']: mediaOf(gives.json, named) }
  const problem = { [problemType.split(';', 1)[0] ?? '']: refTo('Problem') }
  return {
    tags: [route.tag],
    operationId: nameOf(route),
    summary: route.about,
    parameters: [...parameters(route.params, 'path'), ...parameters(route.query, 'query')],
    ...(body === undefined
      ? {}
      : {
          requestBody: {
            required: true,
            content: Object.fromEntries(
              body.media.map((media) => [
                media,
                media === 'application/json' ? mediaOf(body.json, named) : {},
              ]),
            ),
          },
        }),
    responses: {
      [status]: { description: gives.about, content },
      default: { description: 'A refusal.', content: problem },
    },
  }
}

/** Which parameters there are: the keys of a map. */
function parameters({ json }: Schema<unknown>, where: 'path' | 'query'): Json[] {
  const properties = (json.properties ?? {}) as { readonly [name: string]: JsonSchema }
  const required = (json.required ?? []) as readonly string[]
  return Object.entries(properties).map(([name, schema]) => {
    return { name, in: where, required: required.includes(name), schema }
  })
}

function mediaOf(json: JsonSchema | undefined, named: ReadonlyMap<JsonSchema, string>): Json {
  return json === undefined ? {} : { schema: told(json, named) }
}

function refTo(name: string): Json {
  return { schema: { $ref: `#/components/schemas/${name}` } }
}

/** A schema with those inside it by name that have one: schemas are built of one another. */
function told(json: Json, named: ReadonlyMap<JsonSchema, string>, isWhole = false): Json {
  if (typeof json !== 'object' || json === null) return json
  if (Array.isArray(json)) return json.map((one) => told(one, named))
  const name = named.get(json as JsonSchema)
  if (name !== undefined && !isWhole) return { $ref: `#/components/schemas/${name}` }
  return Object.fromEntries(Object.entries(json).map(([key, one]) => [key, told(one, named)]))
}

/** What generators call it: `get /api/v1/jobs/{job}/why` is `getJobsWhy`. */
function nameOf({ method, path }: Route): string {
  const parts = path.replace(/^\/api\/v1/, '').split(/[/.-]/)
  const words = parts.filter((part) => part !== '' && !part.startsWith('{'))
  const one = path.endsWith('}') ? 'One' : ''
  const capital = words.map((word) => word.charAt(0).toUpperCase() + word.slice(1)).join('')
  return `${method.toLowerCase()}${capital}${one}`
}
