import { Component, type ReactNode } from 'react'

/** The last net: a fault in a page says so and offers a way on, instead of a white screen. */
export class Boundary extends Component<{ children: ReactNode }, { failed: boolean }> {
  override state = { failed: false }

  static getDerivedStateFromError() {
    return { failed: true }
  }

  override render() {
    if (!this.state.failed) return this.props.children
    return (
      <main className="page">
        <div className="notice bad" role="alert">
          <p><strong>页面出了点问题，没有显示出来。</strong></p>
          <p>已保存和已提交的内容都是安全的。系统可能刚刚更新过，刷新一般就好。</p>
          <p className="row">
            <button type="button" className="btn main" onClick={() => location.reload()}>刷新页面</button>
            <a className="btn" href="/">回到首页</a>
          </p>
        </div>
      </main>
    )
  }
}
