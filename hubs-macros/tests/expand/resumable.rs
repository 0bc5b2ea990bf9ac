#[hub]
trait AnswerHub {
    #[method(resumable)]
    async fn answer(&self, cx: &Cx, question: String) -> HubResult<HubStream<String>>;
}
