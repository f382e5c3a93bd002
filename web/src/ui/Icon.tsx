import type { AbstractNode, IconDefinition } from '@ant-design/icons-svg/es/types'

function node(n: AbstractNode, key: number): React.ReactNode {
  const Tag = n.tag as 'path'
  return <Tag key={key} d={n.attrs.d} />
}

/** One set of icons for both shells: Ant Design's drawings without its icon machinery. Always decoration. */
export function Icon({ of }: { of: IconDefinition }) {
  const root = typeof of.icon === 'function' ? of.icon('currentColor', 'none') : of.icon
  return (
    <svg className="icon" viewBox={root.attrs.viewBox} width="1em" height="1em" fill="currentColor" aria-hidden="true" focusable="false">
      {root.children?.map(node)}
    </svg>
  )
}
