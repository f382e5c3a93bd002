export { checkForm, fromServer } from './check'
export type { FieldErrors } from './check'
export { ErrorSummary, fieldId, focusField, FormRenderer, FormView } from './FormRenderer'
export { getAt, relevant, sectionsOf, setAt } from './model'
