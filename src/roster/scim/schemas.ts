/** What a person looks like in SCIM (RFC 7643 §4.1, §4.3), and what this server can do with one (§5). */
import { MAX_SCIM_RESULTS } from '#roster/limits.ts';

export const USER = 'urn:ietf:params:scim:schemas:core:2.0:User';
export const ENTERPRISE = 'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User';
/** What a university's roster has beside. */
export const PERSON = 'urn:campusmail:params:scim:schemas:extension:2.0:Person';
export const ERROR = 'urn:ietf:params:scim:api:messages:2.0:Error';
export const LIST = 'urn:ietf:params:scim:api:messages:2.0:ListResponse';
export const PATCH = 'urn:ietf:params:scim:api:messages:2.0:PatchOp';

interface Attribute {
  readonly name: string;
  readonly about: string;
  readonly type?: 'string' | 'boolean';
  readonly mutability?: 'readWrite' | 'readOnly' | 'immutable' | 'writeOnly';
  readonly required?: boolean;
}

const USER_ATTRIBUTES: readonly Attribute[] = [
  { name: 'userName', about: '工号 or 学号', mutability: 'immutable', required: true },
  { name: 'displayName', about: 'The name', required: true },
  { name: 'userType', about: 'staff or student', required: true },
  { name: 'active', about: 'Whether they are a member of the university', type: 'boolean' },
];

const PERSON_ATTRIBUTES: readonly Attribute[] = [
  { name: 'status', about: '在读, 毕业, 在职, 退休 …' },
  { name: 'enrolled', about: 'Year or month of enrolment: 2023, 202309' },
  { name: 'level', about: '培养层次' },
  { name: 'endsOn', about: 'When studies or a contract are to end: 2027-06-30' },
  { name: 'englishName', about: 'The name in English' },
  { name: 'documentKind', about: '证件类型', mutability: 'writeOnly' },
  { name: 'documentNumber', about: 'Makes the first password and is not kept', mutability: 'writeOnly' },
  { name: 'formerNumber', about: 'Another number of the same human', mutability: 'writeOnly' },
];

function schema(id: string, name: string, attributes: readonly Attribute[]) {
  return {
    id,
    name,
    attributes: attributes.map(({ about, type = 'string', mutability = 'readWrite', required = false, ...rest }) => ({
      ...rest,
      type,
      required,
      mutability,
      description: about,
      multiValued: false,
      caseExact: false,
      returned: mutability === 'writeOnly' ? 'never' : 'default',
      uniqueness: rest.name === 'userName' ? 'server' : 'none',
    })),
  };
}

export const SCHEMAS = [
  schema(USER, 'User', USER_ATTRIBUTES),
  schema(ENTERPRISE, 'Enterprise user', [{ name: 'department', about: '院系 or 单位' }]),
  schema(PERSON, 'Person of the roster', PERSON_ATTRIBUTES),
];

export const RESOURCE_TYPE = {
  schemas: ['urn:ietf:params:scim:schemas:core:2.0:ResourceType'],
  id: 'User',
  name: 'User',
  endpoint: '/Users',
  schema: USER,
  schemaExtensions: [ENTERPRISE, PERSON].map((extension) => ({ schema: extension, required: false })),
};

export const SERVICE_PROVIDER = {
  schemas: ['urn:ietf:params:scim:schemas:core:2.0:ServiceProviderConfig'],
  patch: { supported: true },
  bulk: { supported: false, maxOperations: 0, maxPayloadSize: 0 },
  filter: { supported: true, maxResults: MAX_SCIM_RESULTS },
  changePassword: { supported: false },
  sort: { supported: false },
  etag: { supported: false },
  authenticationSchemes: [
    { type: 'oauthbearertoken', name: 'Bearer', description: 'A token made by campusmail scim token create' },
  ],
};
